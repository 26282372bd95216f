"""The command that opens the page."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys

from qa.commands.common import PROJECT, index_root
from qa.errors import IndexNotFoundError, QAError

PORT = 8501


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def ui(options: argparse.Namespace) -> int:
    root = index_root(options)
    if not (root / "CURRENT").exists():
        raise IndexNotFoundError(f"在 {root} 没有索引；请先运行 wenbao build。")
    if options.port is not None and not _free(options.port):
        raise QAError(f"端口 {options.port} 已被占用；请用 --port 换一个。")
    port = options.port or next((p for p in range(PORT, PORT + 50) if _free(p)), None)
    if port is None:
        raise QAError(f"端口 {PORT} 到 {PORT + 49} 都被占用；请用 --port 指定一个。")
    flags = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "ui" / "app.py")]
    command += [f"--{name}={value}" for name, value in flags.items()]
    print(f"问报页面：http://127.0.0.1:{port}", flush=True)
    environment = {**os.environ, "WENBAO_INDEX_DIR": str(root.resolve()), "HF_HUB_OFFLINE": "1"}
    if options.model:
        environment["WENBAO_MODEL"] = options.model
    return subprocess.call(command, env=environment, stdout=sys.stderr)
