"""How the world `scenes` looks: vector shapes drawn with skia. Importing this package is free."""
