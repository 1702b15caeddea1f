"""The groups below the maps: one is selected, named, and their number is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.explore.atlas import bring_up_atlas
from core.library.library import Library
from core.search.opening import open_engine
from tests.browser.conftest import serving_a_library
from tests.sample_library import sample_library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SHOWN_MS = 60_000


@pytest.fixture(scope="module")
def served(
    browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A server over a library of its own, with maps and groups."""
    folder: Path = tmp_path_factory.mktemp("groups")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        with Library.open(folder / "library") as library:
            bring_up_atlas(open_engine(library))
        yield address, folder / "library"


def test_a_group_is_selected_named_and_split(page: Page, served):
    address, place = served
    page.goto(f"{address}/explore")
    groups = page.locator(".groups .group")
    expect(groups.first).to_be_visible(timeout=SHOWN_MS)
    before = groups.count()
    name = groups.first.locator(".name")
    own, size = name.inner_text(), groups.first.locator(".size").inner_text()

    name.click()
    expect(name).to_have_attribute("aria-pressed", "true", timeout=SHOWN_MS)
    expect(page.locator("h2", has_text=f"{size} ").first).to_be_visible()

    groups.first.get_by_role("button", name=f"Rename {own}").click()
    field = page.get_by_role("textbox", name=f"New name for {own}")
    field.fill("those of the morning")
    field.press("Enter")
    expect(name).to_have_text("those of the morning", timeout=SHOWN_MS)
    with Library.open(place, create=False) as library:
        encoder = library.ready()[0].encoder
        assert [n.name for n in library.cluster_names.of("looks", encoder)] == [
            "those of the morning"
        ]

    groups.first.get_by_role("button", name="Rename those of the morning").click()
    field = page.get_by_role("textbox", name="New name for those of the morning")
    field.fill("")
    field.press("Enter")
    expect(name).to_have_text(own, timeout=SHOWN_MS)

    slide = page.get_by_role("slider", name="How fine the groups are")
    slide.press("ArrowLeft")
    expect(groups).not_to_have_count(before, timeout=SHOWN_MS)
    assert groups.count() < before
    names = [each.inner_text() for each in groups.locator(".name").all()]
    assert len(set(names)) == len(names)


def test_escape_leaves_a_name_as_it_is(page: Page, served):
    address, _ = served
    page.goto(f"{address}/explore")
    group = page.locator(".groups .group").first
    expect(group).to_be_visible(timeout=SHOWN_MS)
    own = group.locator(".name").inner_text()
    group.get_by_role("button", name=f"Rename {own}").click()
    field = page.get_by_role("textbox", name=f"New name for {own}")
    field.fill("no name at all")
    field.press("Escape")
    expect(group.locator(".name")).to_have_text(own)
    expect(page.get_by_text("no name at all")).to_have_count(0)
