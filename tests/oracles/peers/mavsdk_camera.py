"""MAVSDK uses the cameras of an aircraft: `mavsdk_camera.py CONNECTION_URL [CALL] [--lossy]`, e.g. udpout://127.0.0.1:14551. Prints a table of
calls as JSON, and what MAVSDK was told.

Without CALL everything that its camera plugin offers is tried on cameras 100 and 101, from before a flight to after its recording. With
CALL (start_video, stop_video, take_photo) it is one press of a button. A call that MAVSDK gives up after its four attempts is made again, as
a person would: `timeouts` counts them.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time

from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.asyncio.plugins.camera import CameraAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.plugins.camera import CameraError, CameraResult, Mode, Option, PhotosRange, Setting, Storage, VideoStreamInfo

from calls import Calls

EO, IR = 100, 101
TRIES = 4
PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.1
# Words come within this time of the refusal that they explain.
WORDS_S = 1.0
# MAVSDK asks again for photos whose message was lost, one at a time behind all that it asks for anyhow.
LIST_PATIENCE_S = 10.0
# MAVSDK asks for VIDEO_STREAM_INFORMATION each 20 s.
STREAM_PATIENCE_S = 90.0


class Station:
    """MAVSDK's camera plugin, what it was told, and how often it gave up."""

    def __init__(self, system, calls):
        self.camera, self.telemetry, self.calls = CameraAsync(system), TelemetryAsync(system), calls
        self.texts, self.captured, self.timeouts = [], {EO: {}, IR: {}}, {}

    async def hear_texts(self):
        async for text in self.telemetry.subscribe_status_text():
            self.texts.append(text.text)

    async def hear_captures(self):
        async for info in self.camera.subscribe_capture_info():
            self.captured[info.component_id][info.index] = {"success": info.is_success, "utc_us": info.time_utc_us, "file": info.file_url}

    async def ask(self, name, camera, *arguments, check=None):
        """One row of the table: the call as it ended, after as many tries as a person would make."""
        async def pressed():
            for _ in range(TRIES):
                try:
                    return await getattr(self.camera, name)(camera, *arguments)
                except CameraError as error:
                    if error.result != CameraResult.TIMEOUT:
                        raise
                    self.timeouts[name] = self.timeouts.get(name, 0) + 1
            raise RuntimeError(f"{TRIES} times unanswered")
        return await self.calls.ask(f"{name} {camera}", pressed(), PATIENCE_S, check)

    async def told(self, beginning, name, *arguments):
        """A row that passes once these words have come; nobody repeats words that were lost, so the call is made again."""
        async def heard():
            while not any(text.startswith(beginning) for text in self.texts):
                with contextlib.suppress(CameraError):
                    await getattr(self.camera, name)(*arguments)
                await asyncio.sleep(WORDS_S)
        await self.calls.ask(f"words {beginning}", heard(), PATIENCE_S)

    async def until(self, what, look, timeout_s=PATIENCE_S):
        """A row that passes once `look` gives something."""
        async def seen():
            while not (found := await look()):
                await asyncio.sleep(LOOK_AGAIN_S)
            return found
        return await self.calls.ask(what, seen(), timeout_s)

    async def storage(self, camera, holds):
        """What MAVSDK knows of the camera's storage, once that holds."""
        try:
            storage = await self.camera.get_storage(camera)
        except CameraError:
            return None
        return storage if holds(storage) else None

    async def photo(self, camera, lossy):
        """A photo, and a row that passes once MAVSDK was told of it; on a lossy link it may never be, as nobody repeats that."""
        before = len(self.captured[camera])
        await self.ask("take_photo", camera)

        async def told():
            until_s = time.monotonic() + (WORDS_S if lossy else PATIENCE_S)
            while len(self.captured[camera]) == before:
                if time.monotonic() > until_s:
                    return None if lossy else "not told of"
                await asyncio.sleep(LOOK_AGAIN_S)
            return None
        await self.calls.ask(f"capture_info {camera}", told(), PATIENCE_S + 5, check=lambda wrong: wrong)

    async def count(self, camera, photos):
        return len(self.captured[camera]) >= photos

    async def stream(self, status):
        info = await self.camera.get_video_stream_info(EO)
        return info if info.settings.uri and info.status == status else None


async def find(station, cameras):
    """The cameras, as MAVSDK describes them."""
    async def listed():
        found = {camera.component_id: camera for camera in (await station.camera.camera_list()).cameras}
        return found if set(cameras) <= set(found) else None
    return await station.until("camera_list", listed) or {}


async def before_a_flight(station):
    plugin = station.camera
    # MAVSDK tells subscribers of a mode as it is when they subscribe, and of changes only where a camera has a definition file.
    await station.until("get_mode", lambda: mode(station, Mode.VIDEO))
    for name, stream, holds in (("subscribe_mode", plugin.subscribe_mode, lambda update: update.mode == Mode.VIDEO),
                                ("subscribe_storage", plugin.subscribe_storage, lambda update: update.storage.total_storage_mib > 0)):
        await station.calls.ask(name, first(stream, holds), PATIENCE_S)
    for camera in (EO, IR):
        ready = Storage.StorageStatus.FORMATTED
        await station.until(f"get_storage {camera}",
                            lambda: station.storage(camera, lambda s: s.storage_status == ready and s.available_storage_mib > 0))
    # Nothing is open that a photo could belong to.
    await station.ask("take_photo", EO)
    await station.told("Photo refused", "take_photo", EO)


async def mode(station, wanted):
    return await station.camera.get_mode(EO) == wanted or None


async def first(stream, holds):
    """The first update of a subscription that holds."""
    async for update in stream():
        if holds(update):
            return update
    raise RuntimeError("the stream ended")


async def video(station):
    """Recording times of the first camera, s, as they were seen: as it began, and while it was started again and again."""
    await station.ask("start_video", EO)
    for camera in (EO, IR):
        await station.until(f"records {camera}", lambda: station.storage(camera, lambda s: s.video_on and s.recording_time_s > 1.0))
    times = [(await station.camera.get_storage(EO)).recording_time_s]
    for camera in (EO, IR, EO):
        await station.ask("start_video", camera)

    async def goes_on():
        times.append((await station.camera.get_storage(EO)).recording_time_s)
        return times[-1] > times[0] + 1.0
    await station.until("records on", goes_on)
    return times


async def photos(station, lossy):
    """Photos by hand and a series; what MAVSDK lists of the first camera's after them."""
    for camera in (EO, EO, IR):
        await station.photo(camera, lossy)
    taken = len(station.captured[EO])
    await station.ask("start_photo_interval", EO, 1.0)
    await station.until("photo interval on", lambda: station.storage(EO, lambda s: s.photo_interval_on))
    # A series is running: a photo by hand would come between its photos.
    await station.ask("take_photo", EO)
    await station.until("capture_info of a series", lambda: station.count(EO, taken + 2))
    await station.ask("stop_photo_interval", EO)
    await station.until("photo interval off", lambda: station.storage(EO, lambda s: not s.photo_interval_on))
    return await listed(station)


async def listed(station):
    """The photos that MAVSDK lists, in a row from the first or as far as it has come: the lost ones it asks for again."""
    until_s = time.monotonic() + LIST_PATIENCE_S
    while True:
        photos = await station.camera.list_photos(EO, PhotosRange.ALL)
        indices = sorted(photo.index for photo in photos)
        if indices == list(range(len(indices))) or time.monotonic() > until_s:
            station.calls.note("list_photos", "passed", until_s - LIST_PATIENCE_S)
            return indices
        await asyncio.sleep(LOOK_AGAIN_S)


async def settings(station):
    await station.ask("set_mode", EO, Mode.PHOTO)
    await station.ask("get_mode", EO, check=lambda mode: None if mode == Mode.PHOTO else mode)
    await station.ask("set_mode", EO, Mode.VIDEO)
    await station.ask("get_current_settings", EO)
    await station.ask("get_possible_setting_options", EO)
    await station.ask("get_setting", EO, Setting("CAM_MODE", "", Option("0", ""), False))
    await station.ask("format_storage", EO, 1)
    await station.told("Format denied", "format_storage", EO, 1)
    await station.ask("reset_settings", EO)
    for name, arguments in (("zoom_in_start", ()), ("zoom_stop", ()), ("zoom_range", (50.0,)), ("focus_range", (50.0,)),
                            ("track_point", (0.5, 0.5, 0.1)), ("track_stop", ())):
        await station.ask(name, EO, *arguments)


async def streaming(station):
    status = VideoStreamInfo.VideoStreamStatus
    seen = await station.until("video_stream_info", lambda: station.stream(status.IN_PROGRESS), STREAM_PATIENCE_S)
    await station.ask("stop_video_streaming", EO, 1)
    await station.until("stream stands", lambda: station.stream(status.NOT_RUNNING))
    await station.ask("start_video_streaming", EO, 1)
    await station.until("stream runs", lambda: station.stream(status.IN_PROGRESS))
    # The second camera has no live view.
    await station.ask("start_video_streaming", IR, 1)
    return {"uri": seen.settings.uri, "width": seen.settings.horizontal_resolution_pix} if seen else None


async def everything(station, found, lossy):
    await before_a_flight(station)
    recording_s = await video(station)
    listed_photos = await photos(station, lossy)
    await settings(station)
    stream = await streaming(station)
    for camera in (IR, EO):
        await station.ask("stop_video", camera)
    for camera in (EO, IR):
        await station.until(f"stands {camera}", lambda: station.storage(camera, lambda s: not s.video_on))
    named = {camera: {"vendor": known.vendor_name, "model": known.model_name, "width": known.horizontal_resolution_px}
             for camera, known in found.items()}
    return {"cameras": named, "recording_s": recording_s, "stream": stream, "listed": listed_photos}


async def press(station, call):
    """One button, and the words that follow where it is refused."""
    await station.ask(call, EO)
    if station.calls.rows[-1]["result"] != "passed":
        await asyncio.sleep(WORDS_S)
    return {}


async def main(url, call, lossy):
    calls, began_s = Calls(), time.monotonic()
    async with Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION)) as mavsdk:
        await calls.ask("connect", mavsdk.add_any_connection(url))
        system = await calls.ask("first_autopilot", mavsdk.first_autopilot(timeout_s=PATIENCE_S), PATIENCE_S + 5)
        if system is None:
            calls.finish()
            return
        station = Station(system, calls)
        heard = [asyncio.create_task(station.hear_texts()), asyncio.create_task(station.hear_captures())]
        found = await find(station, {EO} if call else {EO, IR})
        facts = await (press(station, call) if call else everything(station, found, lossy))
        for task in heard:
            task.cancel()
        calls.finish(texts=station.texts, captured=station.captured, timeouts=station.timeouts, version=await mavsdk.version(),
                     took_s=round(time.monotonic() - began_s, 1), **facts)
    sys.stdout.flush()
    # The library's threads end with the process.
    os._exit(0)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("url")
parser.add_argument("call", nargs="?", choices=["start_video", "stop_video", "take_photo"])
parser.add_argument("--lossy", action="store_true")
arguments = parser.parse_args()
asyncio.run(main(arguments.url, arguments.call, arguments.lossy))
