"""The package's bill of materials: every wheel with its hash, what needs what, and the same bytes each time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.sbom import Package, bill, installed

if TYPE_CHECKING:
    from pathlib import Path

AT = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
PYTHON = {"python_version": "3.11", "sys_platform": "linux"}
PACKAGES = [
    Package("winnowd", "0.1.0", "w.whl", "f" * 64, ["zeta", 'alpha; extra == "web"', 'beta; extra == "dev"']),
    Package(
        "Zeta", "1.0", "z.whl", "a" * 64, ["alpha>=1", 'beta; python_version < "3"', 'beta; extra == "more"', "absent"]
    ),
    Package("alpha", "1.0", "a.whl", "b" * 64, license_expression="MIT"),
    Package(
        "beta", "1.0", "b.whl", "c" * 64, license="all\nof it", classifiers=["License :: OSI Approved :: BSD License"]
    ),
]


def test_each_wheel_stands_in_it_with_its_hash_and_its_licence() -> None:
    """By the name that an index of faults goes by (purl); a licence's whole text is no name of one."""
    made = bill(PACKAGES, PYTHON, AT)

    found = {one["purl"]: (one["hashes"][0]["content"][0], one.get("licenses")) for one in made["components"]}
    assert found == {
        "pkg:pypi/alpha@1.0": ("b", [{"expression": "MIT"}]),
        "pkg:pypi/beta@1.0": ("c", [{"license": {"name": "BSD License"}}]),
        "pkg:pypi/zeta@1.0": ("a", None),
    }
    assert made["metadata"]["component"]["purl"] == "pkg:pypi/winnowd@0.1.0"
    assert made["components"][-1]["properties"] == [{"name": "winnowd:wheel", "value": "z.whl"}]


def test_what_needs_what_is_of_this_python_and_of_what_is_there() -> None:
    """Ours with the extra that the package has; each name in it is a component of it."""
    made = bill(PACKAGES, PYTHON, AT)

    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    assert needs["pkg:pypi/winnowd@0.1.0"] == ["pkg:pypi/alpha@1.0", "pkg:pypi/zeta@1.0"]
    assert needs["pkg:pypi/zeta@1.0"] == ["pkg:pypi/alpha@1.0"]
    assert set(needs) == {one["bom-ref"] for one in (made["metadata"]["component"], *made["components"])}


def test_the_same_packages_give_the_same_bill_in_whatever_order_they_are_found() -> None:
    """And another wheel another number of it."""
    other = [*PACKAGES[:-1], PACKAGES[-1]._replace(sha256="d" * 64)]

    assert json.dumps(bill(PACKAGES[::-1], PYTHON, AT)) == json.dumps(bill(PACKAGES, PYTHON, AT))
    assert bill(other, PYTHON, AT)["serialNumber"] != bill(PACKAGES, PYTHON, AT)["serialNumber"]


def test_none_is_in_the_folder_that_pip_has_not_told_of_and_none_is_missing(tmp_path: Path) -> None:
    """A package from elsewhere, or one that was taken away, stops the making of the package."""
    (wheel := tmp_path / "winnowd-0.1.0-py3-none-any.whl").write_bytes(b"ours")
    sha256, url = "e" * 64, "https://files.example/alpha-1.0-py3-none-any.whl"
    told = {
        "metadata": {"name": "Alpha"},
        "download_info": {"url": url, "archive_info": {"hashes": {"sha256": sha256}}},
    }
    report: dict[str, Any] = {"install": [told]}
    for name in ("winnowd", "alpha"):
        (made := tmp_path / f"{name}-1.0.dist-info").mkdir()
        (made / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: MIT\n")

    found = {one.name: one for one in installed(report, wheel, tmp_path)}

    assert found["alpha"][:4] == ("alpha", "1.0", "alpha-1.0-py3-none-any.whl", sha256)
    assert found["alpha"].license_expression == "MIT"
    assert found["winnowd"].sha256 == hashlib.sha256(b"ours").hexdigest()
    with pytest.raises(KeyError, match="alpha"):
        list(installed({"install": []}, wheel, tmp_path))
    with pytest.raises(KeyError, match="gamma"):
        list(installed({"install": [told, {**told, "metadata": {"name": "gamma"}}]}, wheel, tmp_path))
