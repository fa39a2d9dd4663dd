#!/usr/bin/python3
"""Players that are not ours play labelled clips from end to end, across the places where pictures coded anew meet copied
ones. Each must show as many frames as the source has and complain of nothing.

    check.py --touchmark PATH [--work DIR] [--only NAME]

mpv decodes every frame (its own demuxer and scheduler over libavcodec), GStreamer with its own demuxers and parsers, and
headless Chromium plays in real time, then seeks to both sides of the junction. Chromium may drop frames on a busy machine;
what counts is that the end is reached without an error and that the frame counter passes all of them."""

import argparse, functools, http.server, json, os, platform, re, shutil, subprocess, sys, tempfile, threading

PRODUCER = "001191110000MA0000000H10001"
H264 = "-c:v libx264 -preset fast -bf 2 -g 25 -pix_fmt yuv420p -c:a aac"
# A second of fading in from nothing.
ALPHA = "-vf format=yuva420p,fade=in:0:25:alpha=1"
# Name, options of the source, whether Chromium has a demuxer and decoder for it, options of `label`.
CLIPS = [
    ("h264.mp4", H264, True, ""),
    ("h264-repeat.mp4", H264, True, "--span 2 --repeat middle,end"),
    ("h264-baseline.mp4", "-c:v libx264 -preset fast -profile:v baseline -g 25 -pix_fmt yuv420p -c:a aac", True, ""),
    ("h264-10bit.mkv", "-c:v libx264 -preset fast -g 25 -pix_fmt yuv420p10le -c:a aac", False, ""),
    ("h264-full.mp4", H264 + " -g 250", True, ""),
    ("h264.mov", H264, False, ""),
    ("h264.mkv", H264, False, ""),
    ("h264.flv", H264, False, ""),
    ("h264.avi", "-c:v libx264 -preset fast -bf 2 -g 25 -pix_fmt yuv420p -c:a libmp3lame", False, ""),
    ("h264-fragments.mp4", H264 + " -movflags frag_keyframe+empty_moov+default_base_moof", True, ""),
    ("h264.ts", H264, False, "--remux"),
    ("hevc.mp4", "-c:v libx265 -preset fast -x265-params keyint=25:log-level=none -tag:v hvc1 -pix_fmt yuv420p -c:a aac", False, ""),
    ("vp8.webm", "-c:v libvpx -deadline realtime -b:v 400k -g 25 -c:a libopus", True, ""),
    ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -g 25 -c:a libopus", True, ""),
    ("vp8-alpha.webm", ALPHA + " -c:v libvpx -auto-alt-ref 0 -deadline realtime -b:v 400k -g 25 -c:a libopus", True, ""),
    ("vp9-alpha.webm", ALPHA + " -c:v libvpx-vp9 -auto-alt-ref 0 -deadline realtime -cpu-used 8 -b:v 400k -g 25 -c:a libopus", True, ""),
    ("vorbis.webm", "-c:v libvpx -deadline realtime -b:v 400k -g 25 -c:a libvorbis -ac 2", True, "--cue-in-video"),
    ("vorbis.mkv", H264.replace("aac", "libvorbis -ac 2"), False, "--cue-in-video"),
    ("eac3.mp4", H264.replace("aac", "eac3"), False, "--cue-in-video"),
    ("av1.mp4", "-c:v libsvtav1 -preset 12 -g 25 -pix_fmt yuv420p -c:a aac", True, ""),
    ("mjpeg.mov", "-c:v mjpeg -q:v 5 -pix_fmt yuvj420p -c:a pcm_s16le", False, ""),
    ("prores.mov", "-c:v prores_ks -profile:v 1 -c:a pcm_s16le", False, ""),
]

PAGE = """<video id=v muted></video><script>
const v=document.getElementById('v'),times=%s;
const say=(how)=>{const q=v.getVideoPlaybackQuality();fetch('/done',{method:'POST',body:JSON.stringify({how,
 total:q.totalVideoFrames,dropped:q.droppedVideoFrames,error:v.error&&v.error.message})})};
let left=null;
v.onended=()=>{left=times.slice();next()};
const next=()=>{if(!left.length)return say('ended');v.currentTime=left.shift()};
v.onseeked=()=>{if(left)next()};
v.onerror=()=>say('error');
v.src='%s';v.play().catch(e=>say('play: '+e));
</script>"""


def run(command, timeout=120):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def frames(path):
    """Frames as ffmpeg decodes them, strictly."""
    code, out, err = run(["ffmpeg", "-v", "error", "-err_detect", "explode", "-xerror", "-i", path, "-map", "0:v", "-f", "framemd5", "-"])
    return sum(not line.startswith("#") for line in out.splitlines()), err.strip()


def mpv(path, work):
    target = os.path.join(work, "mpv.md5")
    code, out, err = run(["mpv", "--no-config", path, "--o=" + target, "--of=framemd5", "--ovc=rawvideo", "--no-audio", "--msg-level=all=warn"])
    with open(target) as file:
        count = sum(not line.startswith("#") for line in file)
    words = [line for line in (out + err).splitlines() if line.strip() and "deprecated pixel format" not in line]
    return count, " ".join(words) if code or words else ""


def gstreamer(path):
    code, out, err = run(["gst-launch-1.0", "-v", "filesrc", "location=" + path, "!", "decodebin", "!", "video/x-raw", "!", "fakesink", "silent=false", "sync=false"])
    count = len(re.findall(r"last-message = chain", out))
    words = [line for line in (out + err).splitlines() if re.search("ERROR|WARNING", line)]
    return count, " ".join(words) if code or words else ""


class Handler(http.server.BaseHTTPRequestHandler):
    """One clip with ranges, its page, and what the page tells."""

    clip, times, result = "", [], None
    done = threading.Event()

    def log_message(self, *_):
        pass

    def do_POST(self):
        Handler.result = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        Handler.done.set()

    def do_GET(self):
        if not self.path.startswith("/clip"):
            body = (PAGE % (json.dumps(Handler.times), "/clip/" + os.path.basename(Handler.clip))).encode()
            return self.answer(200, body, "text/html")
        with open(Handler.clip, "rb") as file:
            data = file.read()
        kind = "video/webm" if Handler.clip.endswith("webm") else "video/mp4"
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            return self.answer(200, data, kind)
        first, last = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
        self.answer(206, data[first : last + 1], kind, "bytes %d-%d/%d" % (first, last, len(data)))

    def answer(self, status, body, kind, span=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass


def chromium(path, work, port, times):
    Handler.clip, Handler.times, Handler.result = path, times, None
    Handler.done.clear()
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + os.path.join(work, "chromium"),
         "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", "http://127.0.0.1:%d/" % port],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    Handler.done.wait(90)
    browser.terminate()
    browser.wait(20)
    result = Handler.result or {"how": "no answer within 90 s", "total": 0}
    wrong = result.get("error") or ("" if result["how"] == "ended" else result["how"])
    return result["total"], wrong


def version(command):
    text = "".join(run(command)[1:])
    return text.splitlines()[0] if text else "?"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--touchmark", required=True)
    options.add_argument("--work")
    options.add_argument("--only")
    options = options.parse_args()
    work = options.work or tempfile.mkdtemp(prefix="touchmark-players-")
    os.makedirs(os.path.join(work, "in"), exist_ok=True)
    os.environ["XDG_CONFIG_HOME"] = work
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("# Labelled clips in other players\n")
    for name, command in [("ffmpeg", ["ffmpeg", "-version"]), ("mpv", ["mpv", "--version"]),
                          ("GStreamer", ["gst-launch-1.0", "--version"]), ("Chromium", ["chromium", "--version"])]:
        print("- %s: %s" % (name, version(command)))
    print("\nThree seconds at 25 frames a second, 75 frames; a number is the frames that came out, followed by what was complained of.\n")
    print("| Clip | Plan | Frames | mpv | GStreamer | Chromium |\n|---|---|---|---|---|---|")
    failures = 0
    for name, recipe, in_browser, flags in CLIPS:
        if options.only and options.only not in name:
            continue
        source = os.path.join(work, "in", name)
        make = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=256x144:rate=25:duration=3",
                "-f", "lavfi", "-i", "sine=frequency=440:duration=3", "-shortest"] + recipe.split() + [source]
        subprocess.run(make, check=True)
        report = os.path.join(work, "report.jsonl")
        shutil.rmtree(os.path.join(work, "out"), ignore_errors=True)
        run([options.touchmark, "label", source, "--output", os.path.join(work, "out"), "--producer", PRODUCER,
             "--layers", "explicit,metadata", "--report", report, "--quiet"] + flags.split())
        with open(report) as file:
            line = next(json.loads(row) for row in file if '"type":"file"' in row)
        if line["status"] != "labelled":
            print("| %s | %s | | | | |" % (name, line.get("error", {}).get("message")))
            failures += 1
            continue
        output, plan = line["output"], line["plan"]
        expected, wrong = frames(source)
        count, complaint = frames(output)
        cells = [(count, complaint), mpv(output, work), gstreamer(output)]
        if in_browser:
            cells.append(chromium(output, work, server.server_port, [1.9, 2.1, 0.5, 2.9]))
        # Seeking shows a few frames again.
        good = [cell[0] == expected and not cell[1] for cell in cells[:3]]
        good += [cell[0] >= expected and not cell[1] for cell in cells[3:]]
        failures += good.count(False)
        words = ["%d%s" % (cell[0], " " + cell[1] if cell[1] else "") for cell in cells] + ([] if in_browser else ["not asked"])
        print("| %s | %s, %d coded anew | %s |" % (name + (" " + flags if flags else ""), plan["method"], plan["frames"], " | ".join(words)))
        sys.stdout.flush()
    print("\n%s" % ("All frames came out and nothing was complained of." if not failures else "%d cells are not as they should be." % failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
