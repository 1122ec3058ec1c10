"""For tests of review: a real Label Studio of a workspace, and a reviewer at a real browser's keyboard."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from click.testing import CliRunner
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import servers
from support.paths import ROOT

from ocrfill.cli.review import review
from ocrfill.review.server_access import Access

SAMPLES = ROOT / "samples" / "KS.2006.01"

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1400,1000"
)

CHORD, SKIP = "chord", "skip"
"""Ctrl+Enter and Ctrl+Space, as steps of `Reviewer.press`."""


THU, BA = "thu@xa.example", "ba@xa.example"
PASSWORD = "khong-ai-biet-1"
"""Two persons who may log in."""


def told(*words: str | Path) -> str:
    """What `ocrfill review` prints."""
    ran = CliRunner().invoke(review, [str(word) for word in words], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def label_studio_environment() -> Path:
    """Where Label Studio is installed for the tests; skips where it is not."""
    if servers.missing(servers.LABEL_STUDIO):
        pytest.skip("Label Studio is not installed in .label-studio; `scripts/prepare dev` does it")
    return servers.label_studio_folder()


def sample_workspace(folder: Path) -> Path:
    """A workspace with the two drawn pages of KS.2006.01, read by the handwriting reader."""
    command = [sys.executable, "-m", "ocrfill", "run", str(SAMPLES), "--layout", "ks_2006_2015", "--reader", "hand"]
    subprocess.run([*command, "--jobs", "1", "--workspace", str(folder)], check=True, capture_output=True, timeout=300)
    return folder


def join(access: Access, email: str, password: str) -> None:
    """Make a user, as a person does who was given the sign-up link."""
    opener = build_opener(HTTPCookieProcessor())
    asked = Request(f"{access.url}/api/invite", headers={"Authorization": f"Token {access.token}"})
    link = json.load(opener.open(asked, timeout=60))["invite_url"]
    where = access.url + link.removeprefix(access.url)
    page = opener.open(where, timeout=60).read().decode()
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": secret, "email": email, "password": password, "allow_newsletters": "false"}
    request = Request(where, urlencode(form).encode(), {"Referer": where})
    opener.open(request, timeout=60).read()


@dataclass(frozen=True)
class Shown:
    """What stands on the screen."""

    label: str
    where: str
    issue: str
    options: tuple[str, ...]
    chosen: str | None
    box: str


class Reviewer:
    """A person who looks at the screen and presses keys; never the mouse, never the API."""

    def __init__(self, access: Access, email: str, password: str, profile: Path) -> None:
        if not (shutil.which("chromium") and shutil.which("chromedriver")):
            pytest.skip("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS.split(), f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver") or ""))
        self.url = access.url
        self.driver.get(f"{self.url}/user/login/")
        self.driver.find_element(By.NAME, "email").send_keys(email)
        self.driver.find_element(By.NAME, "password").send_keys(password + Keys.ENTER)
        self._until(lambda: "/user/login" not in self.driver.current_url)

    def close(self) -> None:
        self.driver.quit()

    def open(self, project: int) -> None:
        """Begin with the first field of a project."""
        self.driver.get(f"{self.url}/projects/{project}/data?labeling=1")
        self._until(self.ready)

    def open_answered(self, project: int, task: int) -> None:
        """Look again at a field that was answered."""
        self.driver.get(f"{self.url}/projects/{project}/data?task={task}")
        self._until(self.pictured)

    def pictured(self) -> bool:
        """Whether a field's picture is there."""
        return bool(
            self.driver.execute_script(
                "const i = document.querySelector('.ocrfill .crop img'); return i && i.complete && i.naturalWidth > 0"
            )
        )

    def ready(self) -> bool:
        """Whether a field, its picture and its box are there."""
        return self.pictured() and bool(
            self.driver.execute_script("return document.querySelector('.ocrfill .typed input')")
        )

    def in_box(self) -> bool:
        """Whether what is typed goes into the box."""
        return bool(
            self.driver.execute_script(
                "const a = document.activeElement;return a.matches('input, textarea') && a.closest('.ocrfill .typed')"
            )
        )

    def typed(self) -> str:
        """What stands in the box that is typed into; "" where none is."""
        return str(self.driver.execute_script("return document.activeElement.value || ''"))

    def shown(self) -> Shown:
        found = self.driver.execute_script(
            """
            const text = (e) => e ? e.textContent.trim() : "";
            const one = (s) => document.querySelector(".ocrfill " + s);
            const options = [...document.querySelectorAll(".ocrfill .options label")];
            const value = (l) => l.querySelector("input").name;
            const chosen = options.find((l) => l.querySelector("input").checked);
            const what = one(".what");
            return [text(what.firstChild), text(what.querySelector("small")), text(one(".issue")),
                    options.map(value), chosen ? value(chosen) : null, one(".typed input").value];
            """
        )
        label, where, issue, options, chosen, box = found
        return Shown(label, where, issue, tuple(options), chosen, box)

    def press(self, *steps: str) -> int:
        """Press keys; the chords count as one. Says how many were pressed."""
        actions = ActionChains(self.driver)
        keys = 0
        for step in steps:
            if step in (CHORD, SKIP):
                actions.key_down(Keys.CONTROL).send_keys(Keys.ENTER if step == CHORD else " ").key_up(Keys.CONTROL)
                keys += 1
            else:
                actions.send_keys(step)
                keys += len(step)
        actions.perform()
        return keys

    def answer(self, *steps: str) -> tuple[int, float]:
        """Press keys and wait for the next field (or the end). Says how many keys, and how long the next took."""
        before = self._task()
        keys = self.press(*steps)
        started = time.monotonic()
        self._until(lambda: self._moved_on(before))
        return keys, time.monotonic() - started

    def focused(self) -> str:
        return str(self.driver.execute_script("return document.activeElement.name || document.activeElement.tagName"))

    def hosts(self) -> set[str]:
        """Every host that the browser sent a request to since the last call, but for its own pages."""
        found = set()
        for entry in self.driver.get_log("performance"):
            match = re.search(r'"method":"Network\.requestWillBeSent".*?"url":"(https?://[^/"]+)', entry["message"])
            if match:
                found.add(match[1])
        return found

    def picture(self, file: Path) -> None:
        self.driver.save_screenshot(str(file))

    def _task(self) -> str:
        """The number of the task on the screen; "" where there is none."""
        bar = self.driver.execute_script(
            "const e = document.querySelector('.lsf-bottombar'); return e ? e.innerText : ''"
        )
        found = re.search(r"#?(\d+)\s+\d+ of \d+", bar)
        return found[1] if found else ""

    def _moved_on(self, before: str) -> bool:
        if self.said("No more"):
            return True
        return self._task() not in ("", before) and self.ready()

    def _until(self, test, seconds: float = 120.0) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                if test():
                    return
            except WebDriverException:
                pass  # the page is being exchanged
            if time.monotonic() > until:
                raise AssertionError(f"waited {seconds} s; on the screen:\n{self._text()}")
            time.sleep(0.05)

    def said(self, words: str) -> bool:
        """Whether the page says these words anywhere."""
        return words in str(self.driver.execute_script("return document.body.innerText"))

    def _text(self) -> str:
        return str(self.driver.execute_script("return document.body.innerText"))[:1000]


class Placer(Reviewer):
    """A person who corrects the places of a layout with the mouse; places are shares of the page's picture."""

    def look_at(self, address: str) -> None:
        self.driver.set_window_size(1500, 1700)
        self.driver.get(address)
        self._until(lambda: self._picture() and len(self._listed()) > 0)

    def click(self, x: float, y: float) -> None:
        self._mouse([self._at(x, y)])

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self._mouse([self._at(*place) for place in (start, middle, end)])

    def choose(self, x: float, y: float) -> None:
        """Choose the rectangle there, and wait for its boxes."""
        self.click(x, y)
        self._until(lambda: self._box("tên") is not None)

    def write(self, box: str, text: str) -> None:
        """Write into the chosen rectangle's box with that hint."""
        self._until(lambda: self._box(box) is not None)
        found = self._box(box)
        found.click()
        found.send_keys(text, Keys.ENTER)
        self._until(lambda: self._box(box) is None or self._box(box).get_attribute("value") == "")

    def tick(self, number: int, value: str) -> None:
        """Open one of the chosen rectangle's lists (0: type, 1: export columns) and press a value in it."""
        lists = ".ocrfill-layout .lsf-choices button"
        self._until(lambda: len(self.driver.find_elements(By.CSS_SELECTOR, lists)) > number)
        self.driver.find_elements(By.CSS_SELECTOR, lists)[number].click()
        option = f'[data-testid="select-option-{value}"]'
        self._until(lambda: bool(self.driver.find_elements(By.CSS_SELECTOR, option)))
        found = self.driver.find_element(By.CSS_SELECTOR, option)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()
        time.sleep(0.3)  # the list tells nobody when it has closed

    def pick(self, label: str) -> None:
        """Press a label above the page."""
        found = [e for e in self.driver.find_elements(By.CSS_SELECTOR, ".lsf-label") if e.text.split()[:1] == [label]]
        found[0].click()

    def rectangles(self) -> int:
        return len(self._listed())

    def submit(self) -> None:
        (button,) = [e for e in self.driver.find_elements(By.TAG_NAME, "button") if e.text.strip() == "Submit"]
        button.click()

    def _listed(self) -> list[object]:
        """The rectangles as the page's own list has them."""
        return list(
            self.driver.execute_script(
                "const s = window.Htx?.annotationStore?.selected; return s ? s.regionStore.regions.map(r => r.id) : []"
            )
        )

    def _picture(self) -> tuple[float, float, float, float] | None:
        found = self.driver.execute_script(
            """
            const i = [...document.querySelectorAll("img")].find(
                (i) => i.src.startsWith("blob:") && i.complete && i.getBoundingClientRect().width > 300);
            if (!i) return null;
            const b = i.getBoundingClientRect();
            return [b.left, b.top, b.width, b.height];
            """
        )
        return tuple(found) if found else None

    def _at(self, x: float, y: float) -> tuple[int, int]:
        left, top, width, height = self._picture()
        return round(left + x * width), round(top + y * height)

    def _mouse(self, places: list[tuple[int, int]]) -> None:
        """Press at the first place, go through the others, let go."""
        actions = ActionChains(self.driver, duration=60)
        pointer = actions.w3c_actions.pointer_action
        pointer.move_to_location(*places[0])
        pointer.pointer_down()
        for place in places[1:]:
            pointer.move_to_location(*place)
        pointer.pointer_up()
        actions.perform()
        time.sleep(0.3)  # the canvas tells nobody when it has drawn

    def _box(self, hint: str):
        for found in self.driver.find_elements(By.CSS_SELECTOR, "textarea, input"):
            if found.is_displayed() and (found.get_attribute("placeholder") or "").startswith(hint):
                return found
        return None


def asked(access: Access, path: str, body: object = None) -> object:
    """What Label Studio answers to a GET, or to a POST of a body; `path` begins with a slash."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {access.token}", "Content-Type": "application/json"}
    with urlopen(Request(access.url + path, data, headers), timeout=60) as answer:
        return json.load(answer)
