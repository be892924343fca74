"""Assets: found by name, believed by hash, whole or not at all; the servers and wheels here are real ones."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posekit.assets import (
    Asset,
    AssetFile,
    UrlSource,
    WheelSource,
    available,
    ensure,
    ensure_asset,
    ensure_original,
    find_asset,
    registry,
    where_is,
)
from posekit.assets.cache import new_file
from posekit.assets.download import _require_pace, download
from posekit.assets.progress import NoProgress
from posekit.assets.registry import read_registry
from posekit.assets.source import SourceFailedError, in_megabytes
from posekit.errors import AssetError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT in as many honest and dishonest ways as there are paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.stalled = threading.Event()
        self.release = threading.Event()
        self.files: dict[str, bytes] = {}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        first = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        getattr(self, "send_" + self.path.strip("/").split("/")[0], self.send_file)(first)

    def begin(self, length: int, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(length), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_good(self, first: int) -> None:
        self.begin(len(CONTENT))
        self.wfile.write(CONTENT)

    def send_wrong(self, first: int) -> None:
        self.begin(len(CONTENT))
        self.wfile.write(CONTENT[::-1])

    def send_longer(self, first: int) -> None:
        self.begin(len(CONTENT) + 1)
        self.wfile.write(CONTENT + b"!")

    def send_truncated(self, first: int) -> None:
        """Serve a file that lost its end."""
        if first:
            self.send_error(416)
            return
        self.begin(1000)
        self.wfile.write(CONTENT[:1000])

    def send_breaking(self, first: int) -> None:
        """Break off after a third of the file, each time; goes on where it is asked to."""
        rest = CONTENT[first:]
        span = f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}"
        self.begin(len(rest), 206 if first else 200, {"Content-Range": span} if first else None)
        self.wfile.write(rest[: len(CONTENT) // 3 + 1])
        self.close_connection = True

    def send_forgetful(self, first: int) -> None:
        """Break off once, and know nothing of ranges."""
        self.begin(len(CONTENT))
        whole = len(self.server.asked) > 1
        self.wfile.write(CONTENT if whole else CONTENT[: len(CONTENT) // 2])
        self.close_connection = True

    def send_stalling(self, first: int) -> None:
        """Send a little and then nothing until released."""
        self.begin(len(CONTENT))
        self.wfile.write(CONTENT[:100_000])
        self.wfile.flush()
        self.server.stalled.set()
        self.server.release.wait(30)
        with contextlib.suppress(OSError):
            self.wfile.write(CONTENT[100_000:])

    def send_elsewhere(self, first: int) -> None:
        self.begin(0, 302, {"Location": "http://unsafe.invalid/file"})

    def send_moved(self, first: int) -> None:
        self.begin(0, 302, {"Location": self.server.url("/good")})

    def send_file(self, first: int) -> None:
        if self.path not in self.server.files:
            self.send_error(404)
            return
        kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
        self.begin(len(self.server.files[self.path]), headers={"Content-Type": kind})
        self.wfile.write(self.server.files[self.path])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.release.set()
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no folder of assets, no proxy, and no package index but those a test makes."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed_port()}/simple/")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("POSEKIT_ASSETS", raising=False)
    return tmp_path / "cache"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def an_asset(*sources: UrlSource | WheelSource, sha256: str = SHA256) -> Asset:
    file = AssetFile("thing.bin", sha256, len(CONTENT), sources)
    return Asset("thing", "clip", "testing", "CC0-1.0", None, "", (file,))


def left_behind(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.rglob("*")) if cache.exists() else []


class Seen(NoProgress):
    """Remembers what a progress bar would show."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, int | None, int]] = []

    def start(self, total: int | None, label: str) -> None:
        self.shown.append((label, total, 0))

    def advance(self, amount: int) -> None:
        label, total, done = self.shown[-1]
        self.shown[-1] = (label, total, done + amount)


# The registry


def test_every_asset_is_complete_and_named_width_by_height() -> None:
    assets = registry()
    assert len(assets) == 12
    for name, asset in assets.items():
        assert asset.name == name
        assert asset.about
        assert asset.licence
        for file in asset.files:
            assert file.sources
            for source in file.sources:
                assert not isinstance(source, UrlSource) or source.url.startswith("https://")
        if asset.family == "posenet":
            width, height = name.split("-")[-1].split("x")
            assert asset.input_size == (int(width), int(height))
            assert f"_{height}_{width}_" in asset.file


def test_a_misspelt_name_gets_the_nearest() -> None:
    for function in (find_asset, ensure, ensure_original, available):
        with pytest.raises(UnknownNameError, match="did you mean 'posenet-481x353'"):
            function("posenet-418x353")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[asset]]\nname = 1",
        "asset = 3",
        "not toml",
        "[[asset]]\nname='a'\nfamily='b'\nabout=''\nlicence=''\n",
    ],
)
def test_a_wrong_registry_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(text)
    with pytest.raises(AssetError, match="registry"):
        read_registry(path)


@pytest.mark.parametrize(("size", "words"), [(1, "1 kB"), (1299352, "1.3 MB"), (35622638, "36 MB")])
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_megabytes(size) == words


# Cache and $POSEKIT_ASSETS


def test_the_assets_folder_is_searched_by_name_and_decided_by_hash(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = an_asset()
    assert where_is(asset) == "to download"
    wrong, right = tmp_path / "mine" / "a" / "thing.bin", tmp_path / "mine" / "b" / "deep" / "thing.bin"
    for path, content in ((wrong, CONTENT[::-1]), (right, CONTENT)):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    monkeypatch.setenv("POSEKIT_ASSETS", str(tmp_path / "mine"))
    assert ensure_asset(asset, offline=True) == right
    assert where_is(asset) == "in $POSEKIT_ASSETS"
    assert left_behind(cache) == []
    right.unlink()
    with pytest.raises(
        AssetError, match=r"thing\.bin is another file \(wrong sha256\); downloads: not allowed"
    ):
        ensure_asset(asset, offline=True)
    assert wrong.exists()


def test_a_damaged_file_in_the_cache_is_thrown_away_and_fetched_anew(cache: Path, server: Server) -> None:
    asset, words = an_asset(UrlSource(server.url("/good"))), list[str]()
    path = ensure_asset(asset)
    assert where_is(asset) == "cached"
    path.write_bytes(CONTENT[:-1] + b"?")
    assert ensure_asset(asset, report=words.append) == path
    assert path.read_bytes() == CONTENT
    assert any("damaged" in line and "anew" in line for line in words)
    assert len(server.asked) == 2


# Downloads


def test_a_download_is_verified_shown_kept_and_not_repeated(cache: Path, server: Server) -> None:
    asset, seen = an_asset(UrlSource(server.url("/moved"))), Seen()
    path = ensure_asset(asset, progress=seen)
    assert path.read_bytes() == CONTENT
    assert seen.shown == [("thing.bin", len(CONTENT), len(CONTENT))]
    assert ensure_asset(asset, offline=True) == path
    assert [path for path, _ in server.asked] == ["/moved", "/good"]
    assert left_behind(cache) == [path.name]
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/wrong", "wrong sha256"),
        ("/longer", "longer than the 512,000 bytes"),
        ("/truncated", "truncated: 1,000 of 512,000 bytes came"),
        ("/missing", "the server answered 404"),
        ("/elsewhere", "http is not safe"),
    ],
)
def test_a_bad_file_leaves_one_clear_line_and_nothing_else(
    cache: Path, server: Server, path: str, reason: str
) -> None:
    with pytest.raises(AssetError, match=reason) as caught:
        ensure_asset(an_asset(UrlSource(server.url(path))))
    line = str(caught.value)
    assert "\n" not in line
    for part in ("thing cannot be had", str(cache), "$POSEKIT_ASSETS", "127.0.0.1:", "Put thing.bin"):
        assert part in line
    assert left_behind(cache) == []


def test_a_broken_connection_is_taken_up_where_it_broke(server: Server) -> None:
    seen = Seen()
    path = ensure_asset(an_asset(UrlSource(server.url("/breaking"))), progress=seen)
    assert path.read_bytes() == CONTENT
    third = len(CONTENT) // 3 + 1
    assert server.asked == [("/breaking", None)] + [("/breaking", f"bytes={n * third}-") for n in (1, 2)]
    assert seen.shown == [("thing.bin", len(CONTENT), len(CONTENT))]


def test_a_server_without_ranges_starts_again(server: Server) -> None:
    seen = Seen()
    path = ensure_asset(an_asset(UrlSource(server.url("/forgetful"))), progress=seen)
    assert path.read_bytes() == CONTENT
    assert seen.shown == [("thing.bin", len(CONTENT), len(CONTENT))]


def test_the_next_source_is_tried(server: Server) -> None:
    urls = [UrlSource(server.url(path)) for path in ("/missing", "/wrong", "/good")]
    assert ensure_asset(an_asset(*urls)).read_bytes() == CONTENT
    assert [path for path, _ in server.asked] == ["/missing", "/wrong", "/good"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://nowhere.invalid/file", "name cannot be looked up|did not answer"),
        ("http://example.invalid/file", "http is not safe, https is asked for"),
        ("file:///etc/passwd", "file is not safe"),
    ],
)
def test_what_cannot_be_reached_costs_seconds(url: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(AssetError, match=reason):
        ensure_asset(an_asset(UrlSource(url)))
    assert time.monotonic() - started < 6


def test_a_refused_or_silent_host_costs_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(AssetError, match="refused"):
        ensure_asset(an_asset(UrlSource(f"http://127.0.0.1:{closed_port()}/file")))
    assert time.monotonic() - started < 1
    # A full queue of connections: on Linux, further ones are not even answered.
    with socket.socket() as deaf, contextlib.ExitStack() as waiting:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(8):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(deaf.getsockname())
        started = time.monotonic()
        if sys.platform == "linux":
            with pytest.raises(AssetError, match=r"did not answer within 4 s|no answer in time"):
                ensure_asset(an_asset(UrlSource(f"http://127.0.0.1:{deaf.getsockname()[1]}/file")))
            assert time.monotonic() - started < 6


def test_a_trickle_is_given_up() -> None:
    _require_pace(10, 20)
    _require_pace(100_000, 40)
    with pytest.raises(SourceFailedError, match="too slow"):
        _require_pace(10_000, 40)


def test_a_proxy_is_gone_through(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("http_proxy", server.url(""))
    address = server.url("/good").replace("127.0.0.1", "localhost")
    server.files[address] = CONTENT  # a proxy is asked for the whole address
    with new_file(tmp_path / "file") as target:
        download(address, target, len(CONTENT), NoProgress())
    assert server.asked == [(address, None)]


def test_a_dead_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(AssetError, match=r"127\.0\.0\.1: .*refused"):
        ensure("movenet-lightning")


# Disks and interruptions


CHILD = """
import sys
from posekit.assets import Asset, AssetFile, UrlSource, ensure_asset
from posekit.errors import PosekitError
url, sha256, size, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
file = AssetFile("thing.bin", sha256, size, (UrlSource(url),))
try:
    print(ensure_asset(Asset("thing", "clip", "testing", "CC0-1.0", None, "", (file,))))
except PosekitError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def child(url: str, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, url, SHA256, str(len(CONTENT)), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_disk_without_room_leaves_one_line_and_nothing_else(cache: Path, server: Server) -> None:
    process = child(server.url("/good"), limit=200_000)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (1, "")
    assert errors.count("\n") == 1
    assert f"no room left on the disk of {cache}" in errors
    assert left_behind(cache) == []


def test_an_unwritable_cache_is_said_before_anything_is_fetched(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "a file" / "cache"))
    with pytest.raises(AssetError, match=r"cache folder .* cannot be written .*; set POSEKIT_CACHE"):
        ensure_asset(an_asset(UrlSource(server.url("/good"))))
    assert server.asked == []


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_leaves_nothing_behind(cache: Path, server: Server) -> None:
    process = child(server.url("/stalling"))
    assert server.stalled.wait(20)
    assert any(name.endswith(".part") for name in left_behind(cache))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert left_behind(cache) == []


def test_two_processes_at_once_do_not_break_each_other(cache: Path, server: Server) -> None:
    slow = child(server.url("/stalling"))
    assert server.stalled.wait(20)
    quick = child(server.url("/good"))
    output, errors = quick.communicate(timeout=20)
    assert (quick.returncode, errors) == (0, "")
    server.release.set()
    assert slow.communicate(timeout=20) == (output, "")
    assert Path(output.strip()).read_bytes() == CONTENT
    assert left_behind(cache) == [Path(output.strip()).name]


# Wheels


@pytest.fixture
def index(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A package index on this machine with one small wheel."""
    server.files["/simple/posekit-test-clip/"] = (
        b'<!DOCTYPE html><html><body><a href="/files/posekit_test_clip-1.0-py3-none-any.whl">'
        b"posekit_test_clip-1.0-py3-none-any.whl</a></body></html>"
    )
    server.files["/files/posekit_test_clip-1.0-py3-none-any.whl"] = a_wheel()
    monkeypatch.setenv("PIP_INDEX_URL", server.url("/simple/"))
    return server


def a_wheel() -> bytes:
    packed, info = io.BytesIO(), "posekit_test_clip-1.0.dist-info"
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr("clip/thing.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: posekit-test-clip\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return packed.getvalue()


def from_wheel(
    requirement: str = "posekit-test-clip==1.0", member: str = "clip/thing.bin", sha256: str = SHA256
) -> Asset:
    return an_asset(WheelSource(requirement, member, len(a_wheel())), sha256=sha256)


def test_a_member_of_a_wheel_comes_by_pip_and_the_wheel_goes(cache: Path, index: Server) -> None:
    words, seen = list[str](), Seen()
    path = ensure_asset(from_wheel(), report=words.append, progress=seen)
    assert path.read_bytes() == CONTENT
    assert words == ["fetching the wheel posekit-test-clip==1.0, 513 kB, from the Python package index"]
    assert [(label, total) for label, total, _ in seen.shown] == [("posekit-test-clip==1.0", len(a_wheel()))]
    assert left_behind(cache) == [path.name]


@pytest.mark.parametrize(
    ("asset", "reason"),
    [
        (from_wheel(member="clip/other.bin"), "the wheel has no clip/other.bin"),
        (from_wheel("posekit-test-clip==2.0"), "the package index has no posekit-test-clip==2.0"),
        (from_wheel(sha256="0" * 64), "wrong sha256"),
    ],
)
def test_a_wheel_that_is_not_the_right_one(cache: Path, index: Server, asset: Asset, reason: str) -> None:
    with pytest.raises(AssetError, match=reason):
        ensure_asset(asset)
    assert left_behind(cache) == []


def test_no_index_costs_seconds_and_says_so(cache: Path) -> None:
    started = time.monotonic()
    with pytest.raises(
        AssetError, match=r"the wheel posekit-test-clip==1\.0: the package index cannot be reached"
    ):
        ensure_asset(from_wheel())
    assert time.monotonic() - started < 10
    assert left_behind(cache) == []


# Models made ready


def test_posenet_is_operated_on_once_and_made_anew_when_damaged(
    assets_folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
    (tmp_path / "mine").mkdir()
    shutil.copy(assets_folder / "models" / name, tmp_path / "mine")
    monkeypatch.setenv("POSEKIT_ASSETS", str(tmp_path / "mine"))
    ready = available("posenet-481x353")
    assert ready is not None
    assert ready.parent == cache
    assert ensure_original("posenet-481x353") == tmp_path / "mine" / name
    # From now on the cache is enough.
    monkeypatch.delenv("POSEKIT_ASSETS")
    assert available("posenet-481x353") == ensure("posenet-481x353") == ready
    assert where_is(find_asset("posenet-481x353")) == "cached"
    content = ready.read_bytes()
    ready.write_bytes(content[:-1])
    assert available("posenet-481x353") is None
    assert left_behind(cache) == []
    monkeypatch.setenv("POSEKIT_ASSETS", str(tmp_path / "mine"))
    assert ensure("posenet-481x353", offline=True) == ready
    assert ready.read_bytes() == content


def test_what_is_not_here_is_none_without_a_connection(cache: Path) -> None:
    assert available("blazepose-full") is None
    with pytest.raises(AssetError, match="downloads: not allowed now"):
        ensure("sample", offline=True)
    assert left_behind(cache) == []


def test_the_real_sample_is_the_registered_one(assets_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEKIT_ASSETS", str(assets_folder))
    assert ensure("sample", offline=True).name == "sports2d_demo.mp4"
    assert ensure("movenet-lightning", offline=True).suffix == ".tflite"
