internal import MediaCore

final class ExplicitTextDetector: FrameDetector {
  init(for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter) throws(MediaError) {}
  func observe(_ frame: any Frame) throws(MediaError) {}
  func finish() throws(MediaError) -> [Detection] { [] }
}
