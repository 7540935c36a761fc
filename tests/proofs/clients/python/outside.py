"""What is not Keystead's API: the mailbox of this machine, the storage that a presigned URL leads to."""

import json
import os
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def given(name: str) -> str:
    """A variable that the proof sets."""
    return os.environ[name]


def mailed(address: str, prefix: str) -> str:
    """Waits for a mail to `address` and returns the token of its link."""
    mails = f"{given('KEYSTEAD_MAILBOX_URL')}/api/mails?to={urllib.parse.quote(address)}"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with DIRECT.open(mails) as answer:
            for mail in json.load(answer):
                if token := re.search(prefix + "[A-Za-z0-9_-]{48}", mail["text"]):
                    return token[0]
        time.sleep(0.1)
    raise AssertionError(f"no mail came to {address}")


def upload(method: str, url: str, headers: Mapping[str, str], content: bytes) -> None:
    """Sends a file exactly as the API said."""
    with DIRECT.open(urllib.request.Request(url, data=content, headers=dict(headers), method=method)):
        pass


def download(url: str) -> bytes:
    """Gets what a link leads to."""
    with DIRECT.open(url) as answer:
        content: bytes = answer.read()
        return content
