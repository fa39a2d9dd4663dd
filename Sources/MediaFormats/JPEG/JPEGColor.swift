internal import MediaCore

/// What the components mean, by the rules that decoders share: JFIF is YCbCr, Adobe's APP14 says what it is, and
/// without either the component ids tell.
struct JPEGColor {
  let model: ColorModel

  /// `adobeTransform` is that of APP14, nil without one.
  init?(_ header: JPEGHeader, hasJFIF: Bool, adobeTransform: UInt8?) {
    let isInverted = adobeTransform != nil
    switch header.components.count {
    case 1: model = .gray
    case 3: model = Self.isRGB(header, hasJFIF: hasJFIF, adobeTransform) ? .rgb : .ycbcr
    case 4: model = adobeTransform == 2 ? .ycck(inverted: isInverted) : .cmyk(inverted: isInverted)
    default: return nil
    }
  }

  var name: String {
    switch model {
    case .gray: "greyscale"
    case .rgb: "RGB"
    case .ycbcr: "YCbCr"
    case .cmyk: "CMYK"
    case .ycck: "YCCK"
    }
  }

  private static func isRGB(_ header: JPEGHeader, hasJFIF: Bool, _ adobeTransform: UInt8?) -> Bool {
    if hasJFIF { return false }
    if let adobeTransform { return adobeTransform == 0 }
    return header.components.map(\.id) == Array("RGB".utf8)
  }
}
