import MediaCore

@testable import Labels

/// The detector and the embedder of the image watermark on pictures that bytes from libFuzzer make.
private let keys = [UInt8(1), 2].compactMap { WatermarkKey(bytes: Array(repeating: $0, count: 32)) }
private let payload = WatermarkPayload(bits: 0x0123_4567_89AB_CDEF)

/// libFuzzer's entry: always 0; a finding is a trap, a report of AddressSanitizer, a message read where there is none, or an error
/// that is no refusal.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let frame = StrangeFrames.frame(Array(UnsafeBufferPointer(start: start, count: count)))
  do throws(MediaError) {
    let outcome = try StrangeFrames.outcome(of: frame, keys, payload)
    precondition(outcome.unmarked.allSatisfy { $0["payload"] == nil })
  } catch {
    preconditionFailure(error.message)
  }
  return 0
}
