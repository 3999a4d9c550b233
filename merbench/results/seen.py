"""Which subjects a network was trained on, in a form that may leave the machine."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from merbench.annotations.alike_names import alike_subjects, database
from merbench.results.model import Names, RecordModel

#: Hexadecimal digits of a subject's digest, as of records.
_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Salt:
    """A salt that only who has the same labelled clips can make; `mark` is what it is recognised by."""

    secret: bytes

    @classmethod
    def of(cls, labels: str, keys: Collection[str]) -> Salt:
        """The salt of a labels fingerprint and the keys of all tested clips."""
        return cls(secret=hashlib.sha256(json.dumps([labels, sorted(set(keys))]).encode()).digest())

    @property
    def mark(self) -> str:
        """A text that is the same for equal salts and gives nothing away."""
        return hmac.new(self.secret, b"mark", hashlib.sha256).hexdigest()[:16]

    def sealed(self, subject: str) -> str:
        """The qualified subject, with a digest in place of its name."""
        digest = hmac.new(self.secret, subject.encode(), hashlib.sha256).hexdigest()[:_DIGITS]
        return f"{_dataset(subject)}/{digest}"


class Seen(RecordModel):
    """The subjects that a training saw, by their qualified names; with a `salt`, by digests under it.

    `clips` has digests of the files of its clips, by which they are known under other names; empty where not computed.
    """

    subjects: Names
    #: The mark of the salt; empty where subjects are named.
    salt: str = ""
    clips: Names = ()

    def sealed(self, salt: Salt) -> Seen:
        """The same with digests in place of names; itself if it has digests."""
        if self.salt:
            return self
        return self.updated(subjects=tuple(sorted(map(salt.sealed, self.subjects))), salt=salt.mark)

    def among(self, wanted: Iterable[str], salt: Salt) -> set[str]:
        """Those of the subjects `wanted` that it saw, or may have seen: by their names, or by names that are alike.

        Digests under another salt cannot be compared: then all subjects of a database that it saw count as seen.
        """
        if not self.salt:
            asked, seen = set(wanted), set(self.subjects)
            alike = (set(group) for group in alike_subjects(asked | seen))
            return asked & seen.union(*(group for group in alike if group & seen))
        if self.salt == salt.mark:
            return {subject for subject in wanted if salt.sealed(subject) in self.subjects}
        databases = {database(_dataset(subject)) for subject in self.subjects}
        return {subject for subject in wanted if database(_dataset(subject)) in databases}


def _dataset(subject: str) -> str:
    return subject.rpartition("/")[0]
