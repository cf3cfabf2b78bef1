"""The list of shortcuts, and that it lists what is there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from trecs.interface.keyboard import shortcuts


def test_a_question_mark_opens_the_list(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.locator(".tc-text").focus()
    page.keyboard.type("a dog?")
    expect(dialog).to_be_hidden()
    expect(page.locator(".tc-text")).to_have_value("a dog?")
    page.get_by_role("button", name="Import").focus()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    for keys_of in shortcuts().values():
        for what in keys_of.values():
            expect(dialog.get_by_text(what, exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard (?)").click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
