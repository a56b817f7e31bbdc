"""Writes what the Debian package is made of, as a CycloneDX bill of materials: each wheel by version, hash and licence.

    python -m tests.sbom REPORT WHEEL SITE-PACKAGES

``REPORT`` is what ``pip install --report`` said of the packages that it put into ``SITE-PACKAGES``, ``WHEEL`` our own,
which is there, too. The same give the same bytes; the time is that of SOURCE_DATE_EPOCH. Format:
https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
import uuid
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

OURS: Final = "winnowd"
_EXTRAS: Final = ("", "web")
"""Of ours that the package has; another's extras are asked for by whoever needs them, who then needs the packages."""
_LONGEST_LICENSE: Final = 100
_CLASSIFIER: Final = "License :: OSI Approved :: "
_NAMESPACE: Final = uuid.UUID("7d1f3c5e-6a0b-5c52-9f0e-2f7e64d8a1b3")


class Package(NamedTuple):
    """One that is installed: what its metadata say of it, and the wheel that it came as, with its hash."""

    name: str
    version: str
    wheel: str
    sha256: str
    requires: Sequence[str] = ()
    license_expression: str = ""
    license: str = ""
    classifiers: Sequence[str] = ()

    @property
    def purl(self) -> str:
        """Its name as indexes of faults have it."""
        return f"pkg:pypi/{canonicalize_name(self.name)}@{self.version}"


def bill(packages: Iterable[Package], environment: Mapping[str, str], at: dt.datetime) -> dict[str, Any]:
    """The bill of all packages, ours among them; ``environment``: by which markers are evaluated."""
    by_name: dict[str, Package] = {canonicalize_name(one.name): one for one in packages}
    everything = [by_name[name] for name in sorted(by_name)]
    (ours,) = (one for one in everything if one.name == OURS)
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "component": {"type": "application", **_component(ours)},
        },
        "components": [{"type": "library", **_component(one)} for one in everything if one is not ours],
        "dependencies": [
            {"ref": one.purl, "dependsOn": sorted(set(_needed(one, environment, by_name)))} for one in everything
        ],
    }
    serial = uuid.uuid5(_NAMESPACE, json.dumps(made, sort_keys=True))
    return {**made, "serialNumber": serial.urn}


def _component(package: Package) -> dict[str, Any]:
    return {
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "hashes": [{"alg": "SHA-256", "content": package.sha256}],
        "properties": [{"name": "winnowd:wheel", "value": package.wheel}],
        **_licenses(package),
    }


def _licenses(package: Package) -> dict[str, Any]:
    """What a package says of its licence: an expression, a name, or its classifiers; a whole text is no name."""
    if package.license_expression:
        return {"licenses": [{"expression": package.license_expression}]}
    said = package.license.strip()
    names = [said] if said and "\n" not in said and len(said) <= _LONGEST_LICENSE else []
    names = names or [one.removeprefix(_CLASSIFIER) for one in package.classifiers if one.startswith(_CLASSIFIER)]
    return {"licenses": [{"license": {"name": one}} for one in names]} if names else {}


def _needed(package: Package, environment: Mapping[str, str], there: Mapping[str, Package]) -> Iterator[str]:
    """The packages that one needs, of those that are there."""
    for requirement in map(Requirement, package.requires):
        found, marker = there.get(canonicalize_name(requirement.name)), requirement.marker
        extras = _EXTRAS if package.name == OURS else _EXTRAS[:1]
        if found and (marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)):
            yield found.purl


def installed(report: Mapping[str, Any], wheel: Path, folder: Path) -> Iterator[Package]:
    """The packages in a folder, by the wheels that pip has told of, and our own.

    Raises:
        KeyError: one is there that nobody has told of.
    """
    wheels: dict[str, tuple[str, str]] = {OURS: (wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest())}
    for one in report["install"]:
        download = one["download_info"]
        name = download["url"].rpartition("/")[2]
        wheels[canonicalize_name(one["metadata"]["name"])] = (name, download["archive_info"]["hashes"]["sha256"])
    for found in distributions(path=[str(folder)]):
        said = found.metadata
        yield Package(
            said["Name"],
            said["Version"],
            *wheels.pop(canonicalize_name(said["Name"])),
            requires=found.requires or (),
            license_expression=" AND ".join(said.get_all("License-Expression", [])),
            license=" ".join(said.get_all("License", [])),
            classifiers=said.get_all("Classifier", []),
        )
    if wheels:
        raise KeyError(f"{folder} lacks {', '.join(wheels)}")


def main(report: Path, wheel: Path, folder: Path) -> None:
    """Write it to stdout."""
    said = json.loads(report.read_bytes())
    at = dt.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), dt.UTC)
    json.dump(bill(installed(said, wheel, folder), said["environment"], at), sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
