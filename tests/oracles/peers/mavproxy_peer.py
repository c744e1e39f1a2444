"""MAVProxy, unmodified, is typed at through a pipe: `mavproxy_peer.py tcp:127.0.0.1:5760 px4|ardupilot`. Prints a table of calls as JSON.

Each call writes a line and waits until MAVProxy prints what it prints when that was done.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from calls import Calls

PATIENCE_S = 30.0
HOME = (51.5034, -1.9787)


class Proxy:
    """MAVProxy as a child process, its output collected."""

    def __init__(self, url, folder):
        command = [os.path.join(os.path.dirname(sys.executable), "mavproxy.py"), f"--master={url}",
                   "--logfile", os.path.join(folder, "mav.tlog"), "--state-basedir", folder, "--nowait"]
        environment = dict(os.environ, HOME=folder, PYTHONUNBUFFERED="1")
        self.child = subprocess.Popen([sys.executable, "-u", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, cwd=folder, env=environment, text=True, bufsize=1)
        self.text = ""
        self.arrived = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            piece = self.child.stdout.read(1)
            with self.arrived:
                if not piece:
                    self.text += "\n(ended)\n"
                self.text += piece
                self.arrived.notify_all()
            if not piece:
                return

    def wait(self, pattern, since=0, patience_s=PATIENCE_S):
        until_s = time.monotonic() + patience_s
        with self.arrived:
            while True:
                found = re.search(pattern, self.text[since:])
                if found:
                    return found
                left_s = until_s - time.monotonic()
                if left_s <= 0 or self.text.endswith("(ended)\n"):
                    raise TimeoutError(f"no `{pattern}` in {self.text[since:][-300:]!r}")
                self.arrived.wait(left_s)

    def type(self, line, pattern, patience_s=PATIENCE_S):
        since = len(self.text)
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.wait(pattern, since, patience_s)

    def repeat(self, line, pattern):
        """Types a line again and again until it is answered so: MAVProxy sends some orders when it finds the time."""
        for _ in range(9):
            try:
                return self.type(line, pattern, PATIENCE_S / 9)
            except TimeoutError as error:
                last = error
        raise last

    def end(self):
        # It does not always hear a polite word.
        self.child.kill()
        self.child.wait(10)


def wpl(folder):
    lat, lon = HOME
    rows = [f"0\t1\t0\t16\t0\t0\t0\t0\t{lat}\t{lon}\t142.0\t1", f"1\t0\t3\t22\t0\t0\t0\t0\t{lat}\t{lon}\t15.0\t1",
            f"2\t0\t3\t16\t0\t0\t0\t0\t{lat + 5e-4}\t{lon}\t20.0\t1", "3\t0\t2\t20\t0\t0\t0\t0\t0.0\t0.0\t0.0\t1"]
    path = os.path.join(folder, "up.waypoints")
    with open(path, "w") as file:
        file.write("QGC WPL 110\n" + "\n".join(rows) + "\n")
    return path


def fence(folder):
    lat, lon = HOME
    corners = [(-4e-3, -4e-3), (4e-3, -4e-3), (4e-3, 4e-3), (-4e-3, 4e-3)]
    rows = [f"{n}\t0\t0\t5001\t4\t0\t0\t0\t{lat + dn}\t{lon + de}\t0\t1" for n, (dn, de) in enumerate(corners)]
    path = os.path.join(folder, "up.fence")
    with open(path, "w") as file:
        file.write("QGC WPL 110\n" + "\n".join(rows) + "\n")
    return path


def rally(folder):
    lat, lon = HOME
    path = os.path.join(folder, "up.rally")
    with open(path, "w") as file:
        file.write(f"QGC WPL 110\n0\t0\t3\t5100\t0\t0\t0\t0\t{lat + 3e-4}\t{lon}\t20.0\t1\n")
    return path


def places(path):
    """Command, place and height of each row of a WPL file, its first left out: home is the vehicle's own."""
    with open(path) as file:
        rows = [line.split() for line in file.read().splitlines()[1:] if line.strip()]
    return [(row[3], round(float(row[8]), 6), round(float(row[9]), 6), round(float(row[10]), 2)) for row in rows]


def main(url, kind):
    calls = Calls()
    with tempfile.TemporaryDirectory() as folder:
        proxy = Proxy(url, folder)
        try:
            session(calls, proxy, folder, kind)
        finally:
            proxy.end()
            print(proxy.text, file=sys.stderr)
        tlog = os.path.join(folder, "mav.tlog")
        calls.do("tlog in mavlogdump", lambda: dump(tlog), lambda text: None if "HEARTBEAT" in text else text[:200])
    calls.finish()


def session(calls, proxy, folder, kind):
    ardupilot = kind == "ardupilot"
    calls.do("connect", lambda: proxy.wait(r"Detected vehicle 1:1|online system 1", 0, 60))
    # ArduPilot has them in a file that MAVProxy fetches by FTP; from PX4 it asks them one by one.
    calls.do("parameters", lambda: proxy.wait(r"Received (\d+) parameters" + (r" \(ftp\)" if ardupilot else ""), 0, 60))
    # MAVProxy 1.8.75 hands PX4's modes on as a triple that pymavlink cannot send: only ArduPilot's can be typed.
    for mode in ["GUIDED", "LOITER", "BRAKE", "STABILIZE"] if ardupilot else []:
        calls.do(f"mode {mode}", lambda mode=mode: proxy.type(f"mode {mode}", rf"Mode {mode}"))
    name = "RTL_ALT" if ardupilot else "RTL_RETURN_ALT"
    calls.do("param show", lambda: proxy.type(f"param show {name}", rf"{name}\s+\d+"))
    proxy.type(f"param set {name} 35", "")
    calls.do("param set", lambda: proxy.repeat(f"param fetch {name}", rf"{name} = 35"))
    saved = os.path.join(folder, "saved.param")
    calls.do("param save", lambda: proxy.type(f"param save {saved}", r"Saved \d+ parameters"))
    wp, back = wpl(folder), os.path.join(folder, "down.waypoints")
    calls.do("wp load", lambda: proxy.type(f"wp load {wp}", r"MISSION_ACK: TYPE_MISSION: ACCEPTED"))
    calls.do("wp list", lambda: proxy.type("wp list", r"Saved 4 waypoints to \S+way.txt"))
    calls.do("wp save", lambda: proxy.type(f"wp save {back}", rf"Saved 4 waypoints to {back}"))
    calls.do("wp is what was sent", lambda: places(back)[1:], lambda got: None if got == places(wp)[1:] else got)
    for name, write in (("fence", fence), ("rally", rally)):
        path, back = write(folder), os.path.join(folder, f"down.{name}")
        calls.do(f"{name} load", lambda: proxy.type(f"{name} load {path}", rf"MISSION_ACK: TYPE_{name.upper()}: ACCEPTED"))
        calls.do(f"{name} save", lambda: proxy.type(f"{name} save {back}", r"Saved \d+"))
        calls.do(f"{name} is what was sent", lambda: places(back), lambda got: None if got == places(path) else got)
    if ardupilot:
        calls.do("mode GUIDED again", lambda: proxy.type("mode GUIDED", r"Mode GUIDED"))
    calls.do("arm", lambda: proxy.type("arm throttle", r"ARMED"))
    if ardupilot:
        calls.do("takeoff", lambda: proxy.type("takeoff 12", r"NAV_TAKEOFF: ACCEPTED"))
        calls.do("rtl", lambda: proxy.type("rtl", r"RTL>|Mode RTL"))
    calls.do("disarmed", lambda: proxy.wait(r"DISARMED", 0, 120))
    calls.do("log list", lambda: proxy.type("log list", r"Log \d+\s+numLogs \d+.*size \d+|Log\s+\d+"))


def dump(path):
    script = os.path.join(os.path.dirname(sys.executable), "mavlogdump.py")
    return subprocess.run([sys.executable, script, "--types", "HEARTBEAT", path], capture_output=True, text=True,
                          timeout=60, check=True).stdout


main(sys.argv[1], sys.argv[2])
