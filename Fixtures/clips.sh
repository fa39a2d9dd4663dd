#!/usr/bin/env bash
# Makes the clips of Fixtures/clips from ffmpeg's own sources, one a container, and writes Fixtures/MANIFEST.json.
# usage: Fixtures/clips.sh    needs Debian 12's ffmpeg, espeak-ng, python3
set -euo pipefail
out=$(cd "$(dirname "$0")" && pwd)/clips
cd "$(mktemp -d)"
ff() { ffmpeg -v error -y -fflags +bitexact "$@"; }
exact=(-map_metadata -1 -flags:v +bitexact -flags:a +bitexact)
# Three seconds with a group of pictures a second: an opening, a junction and a rest.
picture=(-f lavfi -i "testsrc2=size=320x180:rate=24:duration=3")
tone=(-f lavfi -i "sine=frequency=330:sample_rate=44100:duration=3")
h264=(-c:v libx264 -preset veryfast -crf 32 -g 24 -bf 2 -pix_fmt yuv420p)
aac=(-c:a aac -b:a 32k -ac 1)
ff "${picture[@]}" "${tone[@]}" "${h264[@]}" "${aac[@]}" "${exact[@]}" base.mp4
espeak-ng -v cmn -s 150 -w speech.wav "这是一段合成的语音"
ff -i base.mp4 -c copy -metadata title="Test card" -movflags +faststart "$out/faststart.mp4"
ff -i base.mp4 -c copy -movflags +frag_keyframe+empty_moov+default_base_moof "$out/fragmented.mp4"
ff -i base.mp4 -c copy -metadata title="Test card" "$out/quicktime.mov"
ff -i base.mp4 -c copy -metadata title="Test card" "$out/h264.mkv"
ff -i base.mp4 -c copy -metadata title="Test card" "$out/flash.flv"
ff -i base.mp4 -c copy "$out/transport.ts"
ff "${picture[@]}" "${tone[@]}" -c:v mpeg2video -q:v 16 -g 24 -c:a mp2 -b:a 32k -ac 1 "${exact[@]}" -f vob "$out/program.mpg"
ff "${picture[@]}" "${tone[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 60k -g 24 -c:a libopus -b:a 24k -ac 1 "${exact[@]}" "$out/vp9.webm"
ff "${picture[@]}" "${tone[@]}" -c:v mpeg4 -q:v 12 -g 24 -c:a libmp3lame -b:a 32k -ac 1 "${exact[@]}" -metadata title="Test card" "$out/mpeg4.avi"
ff "${picture[@]}" "${tone[@]}" -c:v wmv2 -b:v 60k -c:a wmav2 -b:a 32k -ac 1 "${exact[@]}" "$out/windows.wmv"
ff -i speech.wav -c:a pcm_s16le -ar 16000 "${exact[@]}" -metadata title="Speech" "$out/speech.wav"
ff -i speech.wav -c:a pcm_s16le -ar 8000 "${exact[@]}" -rf64 always "$out/speech-rf64.wav"
ff -i speech.wav -c:a libmp3lame -b:a 32k -ar 22050 "${exact[@]}" -metadata title="Speech" -id3v2_version 3 "$out/speech.mp3"
ff -i speech.wav -c:a flac -ar 16000 "${exact[@]}" -metadata title="Speech" "$out/speech.flac"
ff -i speech.wav -c:a libvorbis -q:a 0 "${exact[@]}" -metadata title="Speech" "$out/vorbis.ogg"
ff -i speech.wav -c:a libopus -b:a 16k "${exact[@]}" -metadata title="Speech" "$out/speech.opus"
ff -i speech.wav "${aac[@]}" "${exact[@]}" -metadata title="Speech" "$out/speech.m4a"
ff -i speech.wav "${aac[@]}" "${exact[@]}" "$out/adts.aac"
ff -i speech.wav -c:a pcm_s16be -ar 8000 "${exact[@]}" "$out/speech.aiff"
ff -i speech.wav -c:a pcm_s16le -ar 8000 "${exact[@]}" "$out/speech.caf"
# No AMR encoder is at hand: 50 frames of comfort noise (AMR-NB, RFC 4867 5.3, frame type 8).
/usr/bin/python3 -c "open('$out/silence.amr', 'wb').write(b'#!AMR\n' + bytes([0x44, 0, 0, 0, 0, 0]) * 50)"
python3 "$out/../manifest.py"
