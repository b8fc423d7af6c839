# For those who host it themselves; a Space does not use it.
#   docker build -t xmr .
#   docker run -p 7860:7860 -v xmr-state:/state xmr
# More than the basis: --build-arg PACKAGES="fonts-noto-cjk"
#   --build-arg EXTRAS="-r requirements-youtube.txt -r requirements-mcp.txt"
FROM python:3.12-slim

# Debian packages and requirements beyond what the page needs; it needs none of Debian's.
ARG PACKAGES=""
ARG EXTRAS=""

RUN if [ -n "$PACKAGES" ]; then \
        apt-get update \
        && apt-get install --yes --no-install-recommends $PACKAGES \
        && rm -rf /var/lib/apt/lists/*; \
    fi \
    && useradd --uid 1000 --create-home app \
    && install --directory --owner app --group app /state

WORKDIR /app

# The usual torch for Linux brings gigabytes of CUDA along; everything here runs on the CPU.
COPY requirements*.txt ./
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu torch torchvision \
    && pip install --no-cache-dir -r requirements.txt $EXTRAS

COPY app.py ./
COPY xmr_core ./xmr_core
COPY demo ./demo
COPY assets ./assets
COPY checkpoints ./checkpoints

USER app

# /state keeps what came from the Hub; uploads live in /tmp and are deleted after an hour.
ENV GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GRADIO_TEMP_DIR=/tmp/gradio \
    HF_HOME=/state/huggingface \
    PYTHONUNBUFFERED=1
VOLUME /state
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=10s --start-period=90s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/config', timeout=8)"]

CMD ["python", "app.py"]
