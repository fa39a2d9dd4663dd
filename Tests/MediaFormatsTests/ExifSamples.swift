import Foundation
import MediaCore

@testable import MediaFormats

/// Builds Exif blocks field by field, so that every byte of an oddity is chosen.
struct ExifSample {
  struct Field {
    var tag: UInt16
    var type: UInt16 = 2
    var value: [UInt8]
    var count: UInt32?

    init(_ tag: UInt16, _ text: String, type: UInt16 = 2, count: UInt32? = nil) {
      self.init(tag, Array(text.utf8), type: type, count: count)
    }

    init(_ tag: UInt16, _ value: [UInt8], type: UInt16 = 2, count: UInt32? = nil) {
      self.tag = tag
      self.type = type
      self.value = value
      self.count = count
    }
  }

  var isBigEndian = false
  var main: [Field] = []
  var exif: [Field] = []
  var second: [Field] = []

  func number(_ value: UInt32, _ width: Int) -> [UInt8] {
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    return isBigEndian ? little.reversed() : little
  }

  /// Header, IFD0, ExifIFD, IFD1, each with its values behind it.
  var bytes: [UInt8] {
    var result: [UInt8] = isBigEndian ? [0x4D, 0x4D, 0, 0x2A] : [0x49, 0x49, 0x2A, 0]
    result += number(8, 4)
    let pointer = exif.isEmpty ? [] : [Field(0x8769, [0, 0, 0, 0], type: 4, count: 1)]
    let exifStart = 8 + size(main + pointer)
    let secondStart = exifStart + (exif.isEmpty ? 0 : size(exif))
    let links = pointer.map { Field($0.tag, number(UInt32(exifStart), 4), type: 4, count: 1) }
    result += table(main + links, at: 8, next: second.isEmpty ? 0 : secondStart)
    if !exif.isEmpty { result += table(exif, at: exifStart, next: 0) }
    if !second.isEmpty { result += table(second, at: secondStart, next: 0) }
    return result
  }

  private func size(_ fields: [Field]) -> Int {
    6 + 12 * fields.count + fields.reduce(0) { $0 + ($1.value.count > 4 ? $1.value.count : 0) }
  }

  private func table(_ fields: [Field], at start: Int, next: Int) -> [UInt8] {
    var table = number(UInt32(fields.count), 2)
    var values: [UInt8] = []
    for field in fields {
      table += number(UInt32(field.tag), 2) + number(UInt32(field.type), 2)
      table += number(field.count ?? UInt32(field.value.count), 4)
      if field.value.count <= 4 {
        table += field.value + Array(repeating: 0, count: 4 - field.value.count)
      } else {
        table += number(UInt32(start + 6 + 12 * fields.count + values.count), 4)
        values += field.value
      }
    }
    return table + number(UInt32(next), 4) + values
  }

  static func items(_ bytes: [UInt8], limits: Limits = Limits()) -> [MetadataItem] {
    ExifBlock.items(in: bytes, offset: 9, path: "eXIf", limits: limits)
  }

  /// A block with a value in every kind of place.
  static func full(isBigEndian: Bool) -> ExifSample {
    let label = "ASCII\0\0\0{\"AIGC\":\(XMPSamples.json)}"
    let packet = XMPSamples.packet(
      "<rdf:Description rdf:about=\"\" \(XMPSamples.declared)><TC260:AIGC>x</TC260:AIGC></rdf:Description>")
    return ExifSample(
      isBigEndian: isBigEndian,
      main: [
        .init(0x010E, "AI generated content\0"), .init(0x010F, "ab\0"),
        .init(0x0112, isBigEndian ? [0, 6, 0, 0] : [6, 0, 0, 0], type: 3, count: 1),
        .init(0x02BC, packet, type: 1), .init(0x9286, label, type: 7),
      ],
      exif: [.init(0x927C, "maker note {\"AIGC\"", type: 7), .init(0x9286, label, type: 7)],
      second: [.init(0x0131, "thumbnailer\0"), .init(0x013B, "A\0")])
  }
}
