import Foundation
import Testing

/// Clips by ffmpeg's own sources: one for each way of coding pictures that a label has to get along with.
enum VideoClips {
  /// A clip: its name, what the encoder is told, and how it should be labelled.
  struct Recipe: Sendable, CustomTestStringConvertible {
    let name: String
    let options: String
    let method: String
    /// Frames that stay as they are.
    var kept = 0
    var testDescription: String { name }
  }

  private static let h264 = "-c:v libx264 -preset ultrafast -crf 30 -g 25"

  static let all: [Recipe] = [
    // Three seconds, a group a second: the opening is 50 frames.
    Recipe(
      name: "b-frames.mp4", options: "-c:v libx264 -preset fast -bf 3 -g 25 -pix_fmt yuv420p",
      method: "smart", kept: 25),
    Recipe(
      name: "baseline.mp4", options: "\(h264) -profile:v baseline -pix_fmt yuv420p", method: "smart", kept: 25
    ),
    Recipe(name: "ten-bits.mp4", options: "\(h264) -pix_fmt yuv420p10le", method: "smart", kept: 25),
    Recipe(name: "422.mov", options: "\(h264) -pix_fmt yuv422p", method: "smart", kept: 25),
    Recipe(name: "444.mp4", options: "\(h264) -pix_fmt yuv444p", method: "full"),
    Recipe(
      name: "full-range.mp4", options: "\(h264) -vf scale=out_range=full,format=yuvj420p -color_range pc",
      method: "smart", kept: 25),
    Recipe(
      name: "interlaced.mp4", options: "\(h264) -flags +ildct+ilme -x264-params tff=1 -pix_fmt yuv420p",
      method: "smart", kept: 25),
    Recipe(
      name: "open-groups.mp4",
      options: "-c:v libx264 -preset fast -bf 3 -g 25 -x264-params open-gop=1 -pix_fmt yuv420p",
      method: "full"),
    Recipe(name: "one-group.mp4", options: "\(h264) -g 250 -pix_fmt yuv420p", method: "full"),
    Recipe(
      name: "variable-rate.mp4",
      options: "\(h264) -vf select=not(mod(n\\,3))+lt(n\\,20) -vsync vfr "
        + "-force_key_frames expr:gte(t,n_forced) -pix_fmt yuv420p", method: "smart",
      kept: 8),
    Recipe(
      name: "hevc.mp4",
      options: "-c:v libx265 -preset ultrafast -x265-params keyint=25:log-level=none -tag:v hvc1",
      method: "full"),
    Recipe(
      name: "pq.mp4",
      options:
        "-c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
      method: "full"),
    Recipe(
      name: "vp9.mp4",
      options: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k -g 25 -pix_fmt yuv420p",
      method: "smart", kept: 25),
    Recipe(name: "part-2.mp4", options: "-c:v mpeg4 -q:v 10 -g 25", method: "full"),
    Recipe(name: "motion-jpeg.mov", options: "-c:v mjpeg -q:v 10", method: "smart", kept: 25),
    Recipe(
      name: "prores-alpha.mov", options: "-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le", method: "smart",
      kept: 25),
    Recipe(
      name: "prores-light.mov", options: "-c:v prores_ks -profile:v 1 -pix_fmt yuv422p10le", method: "smart",
      kept: 25),
    Recipe(
      name: "prores.mkv", options: "-c:v prores_ks -profile:v 2 -pix_fmt yuv422p10le", method: "smart",
      kept: 25),
    Recipe(
      name: "dnxhr.mov", options: "-c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p", method: "smart", kept: 25
    ),
    Recipe(
      name: "dnxhr-deep.mov", options: "-c:v dnxhd -profile:v dnxhr_hqx -pix_fmt yuv422p10le",
      method: "smart",
      kept: 25),
    Recipe(
      name: "b-frames.flv",
      options: "-c:v libx264 -preset fast -bf 3 -g 25 -pix_fmt yuv420p -flvflags add_keyframe_index",
      method: "smart", kept: 25),
    Recipe(
      name: "variable-rate.flv",
      options: "\(h264) -bf 2 -g 300 -vf select=not(mod(n\\,3))+lt(n\\,20) -vsync vfr -pix_fmt yuv420p",
      method: "full"),
    Recipe(
      name: "b-frames.avi",
      options: "-c:v libx264 -preset fast -bf 3 -g 25 -pix_fmt yuv420p -c:a libmp3lame", method: "smart",
      kept: 25),
    Recipe(
      name: "part-2.avi", options: "-c:v mpeg4 -vtag XVID -bf 2 -q:v 10 -g 25 -c:a libmp3lame",
      method: "full"),
    Recipe(
      name: "motion-jpeg.avi", options: "-c:v mjpeg -q:v 10 -c:a pcm_s16le", method: "smart", kept: 25),
    Recipe(
      name: "mpeg-2.mkv", options: "-c:v mpeg2video -q:v 8 -g 12 -bf 2 -flags +cgop -sc_threshold 1000000000",
      method: "smart", kept: 15),
    Recipe(name: "mpeg-2.mp4", options: "-c:v mpeg2video -q:v 8 -g 25", method: "smart", kept: 25),
    Recipe(name: "motion-jpeg.mp4", options: "-c:v mjpeg -q:v 10", method: "smart", kept: 25),
    Recipe(name: "png.mp4", options: "-c:v png -pix_fmt rgb24", method: "smart", kept: 25),
    Recipe(name: "png.mkv", options: "-c:v png -pix_fmt rgb24", method: "smart", kept: 25),
    Recipe(name: "png.avi", options: "-c:v png -pix_fmt rgb24 -c:a pcm_s16le", method: "smart", kept: 25),
    Recipe(name: "png.mov", options: "-c:v png -pix_fmt rgb24", method: "smart", kept: 25),
    Recipe(
      name: "hlg.mp4",
      options:
        "\(h264) -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc",
      method: "smart", kept: 25),
    Recipe(
      name: "rgb.mp4", options: "-c:v libx264rgb -preset ultrafast -crf 30 -g 25 -pix_fmt rgb24",
      method: "full"),
    // Nothing is lost, so that frames without the label stay the same although all are coded anew.
    // What is coded without loss stays so: the rest of the frames is the source's.
    Recipe(
      name: "lossless.mp4", options: "-c:v libx264 -preset ultrafast -qp 0 -g 25 -pix_fmt yuv420p",
      method: "full",
      kept: 25),
    Recipe(
      name: "lossless10.mkv", options: "-c:v libx264 -preset ultrafast -qp 0 -g 25 -pix_fmt yuv444p10le",
      method: "full", kept: 25),
    Recipe(
      name: "lossless.avi", options: "-c:v libx264rgb -preset ultrafast -qp 0 -g 25 -bf 0 -pix_fmt rgb24",
      method: "full", kept: 25),
    Recipe(name: "rgb.mkv", options: "-c:v ffv1 -level 3 -pix_fmt bgr0", method: "full", kept: 25),
    Recipe(
      name: "first-version.mkv", options: "-c:v ffv1 -level 1 -pix_fmt yuv420p", method: "full", kept: 25),
    Recipe(
      name: "sixteen-bits.mkv", options: "-c:v ffv1 -level 3 -pix_fmt gbrp16le", method: "full", kept: 25),
    Recipe(name: "ffv1.mov", options: "-c:v ffv1 -level 3 -pix_fmt yuv422p10le", method: "full", kept: 25),
    Recipe(name: "theora.mkv", options: "-c:v libtheora -q:v 7 -pix_fmt yuv420p", method: "full"),
    Recipe(name: "short.mp4", options: "\(h264) -t 0.6 -pix_fmt yuv420p", method: "full"),
  ]

  /// Makes the clip in `folder`: 25 frames a second, with sound.
  static func make(_ recipe: Recipe, in shop: Workshop, folder: String) throws -> String {
    let path = try shop.write("\(folder)/\(recipe.name)", [])
    let picture = ["-f", "lavfi", "-i", "testsrc2=size=256x144:rate=25:duration=3"]
    let sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y"] + picture + sound + ["-c:a", "aac", "-shortest"]
        + recipe.options.split(separator: " ").map(String.init) + [path])
    return path
  }

  /// One line a frame as another decoder sees it: time stamps, size, hash.
  static func frames(_ path: String, _ stream: String = "v:0", coded: Bool = false) throws -> [String] {
    let copy = coded ? ["-c", "copy"] : []
    return try Tool.run(
      "ffmpeg", ["-v", "error", "-i", path, "-map", "0:\(stream)"] + copy + ["-f", "framemd5", "-"]
    ).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  /// What ffprobe says of the picture.
  static func description(_ path: String) throws -> String {
    try Tool.run(
      "ffprobe",
      [
        "-v", "error", "-select_streams", "v:0", "-show_entries",
        "stream=profile,pix_fmt,color_range,color_space,color_transfer,color_primaries,field_order,width,height,nb_frames,"
          + "duration,codec_tag_string:stream_side_data=rotation", "-of", "csv", path,
      ])
  }
}
