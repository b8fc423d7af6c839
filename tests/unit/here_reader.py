"""A reader without processes, for tests of what is read and not of who reads it."""

from xmr_core.errors import VideoUnavailableError
from xmr_core.media.changes import picture_changes, video_length
from xmr_core.media.frames import sample_frames
from xmr_core.media.limits import MediaLimits

LIMITS = MediaLimits()


class HereReader:
    """Decodes in this process: the tests' files are kind, and it starts at once."""

    def __init__(self):
        self.read = []

    def read_many(self, requests):
        for request in requests:
            self.read.append(request.path.name)
            try:
                yield (
                    request,
                    sample_frames(
                        request.path,
                        request.num_frames,
                        start_s=request.start_s,
                        end_s=request.end_s,
                        max_side=request.max_side,
                    ),
                )
            except VideoUnavailableError as error:
                yield request, error

    def length(self, path):
        return video_length(path, LIMITS)

    def changes(self, path, start_s, end_s):
        return picture_changes(path, start_s, end_s, LIMITS)
