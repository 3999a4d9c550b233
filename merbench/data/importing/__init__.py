"""Tables of clips from what people have: folders of pictures, videos, flow, and label tables of repositories."""

from merbench.data.importing.clips import Imported, ImportedClip
from merbench.data.importing.recognise import import_clips

__all__ = ["Imported", "ImportedClip", "import_clips"]
