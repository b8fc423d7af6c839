"""An extractor for the tests: `xmrtest:PORT/NAME` is what a server on this machine says it is.

The server answers with yt-dlp's own words for a video, or with an error to raise; everything else
is done by yt-dlp as it would be for YouTube.
"""

from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError, GeoRestrictedError


class XmrTestIE(InfoExtractor):
    IE_NAME = "xmrtest"
    _VALID_URL = r"xmrtest:(?P<port>\d+)/(?P<id>[\w.-]+)"

    def _real_extract(self, url):
        port, video_id = self._match_valid_url(url).groups()
        info = self._download_json(f"http://127.0.0.1:{port}/info/{video_id}", video_id)
        if "error" in info:
            raise ExtractorError(info["error"], expected=True, video_id=video_id)
        if "countries" in info:
            raise GeoRestrictedError("The uploader said no", countries=info["countries"])
        return {"id": video_id, "title": video_id, **info}
