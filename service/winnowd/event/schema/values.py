"""What a single value of an event may be: instants, digests, names, counts. Pure."""

from typing import Annotated

from pydantic import Field, StringConstraints

Instant = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{32}$"),
    Field(description="the first half of a SHA-256"),
]
Uuid7 = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
ArrivalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
ArticleId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}([0-9a-f]{16})?$")]
RecordName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}(-\d+|[0-9a-f]{16})?$")]
Code = Annotated[str, StringConstraints(pattern=r"^(INP|SCH|CLN|QUA|TXT|DUP|ORD|SYS)\d{3}$")]
RelativePath = Annotated[str, StringConstraints(pattern=r"^[^/]", min_length=1)]
Count = Annotated[int, Field(ge=0)]
Measure = float | int | str
Sentence = Annotated[str, StringConstraints(max_length=1_000)]
