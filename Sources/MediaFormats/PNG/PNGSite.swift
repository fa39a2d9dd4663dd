internal import MediaCore

/// A chunk that holds metadata, taken apart.
struct PNGSite {
  enum Content {
    /// An XMP packet under the keyword of XMP part 3, in whichever text chunk.
    case packet(PNGTextChunk)
    /// XMP or Exif in hexadecimal digits.
    case rawProfile(PNGTextChunk, PNGRawProfile)
    /// Any other text.
    case text(PNGTextChunk)
    /// A TIFF structure and what wrongly stands in front of it.
    case exif(prefix: [UInt8], tiff: [UInt8])
    /// A C2PA store (C2PA A.3.3): reported for being there.
    case credentials
  }

  let chunk: PNGChunk
  let content: Content
  /// Whether its CRC holds.
  let isIntact: Bool
  /// Whether it stands in front of the image data.
  let isBeforeImage: Bool

  /// Reads the chunk at `index` of `structure`, at most `limit` bytes of its value; nil when it holds no metadata.
  init?(_ index: Int, of structure: PNGStructure, in input: InputFile, limit: Int) throws(MediaError) {
    let chunk = structure.chunks[index]
    self.chunk = chunk
    isBeforeImage = index < structure.imageIndex
    switch chunk.type {
    case .text, .compressedText, .internationalText:
      // Keyword, flags, language and translated keyword come on top of the text.
      let room = limit + 4096
      let (data, isIntact) = try input.data(of: chunk, atMost: room)
      guard let text = PNGTextChunk(chunk.type, data, isCut: chunk.length > room, limit: limit) else {
        return nil
      }
      self.isIntact = isIntact
      content = Self.content(of: text)
    case .exif:
      let (data, isIntact) = try input.data(of: chunk, atMost: limit)
      let prefix = data.starts(with: Array("Exif\0\0".utf8)) ? 6 : 0
      self.isIntact = isIntact
      content = .exif(prefix: Array(data[..<prefix]), tiff: Array(data[prefix...]))
    case .contentCredentials:
      isIntact = true
      content = .credentials
    default: return nil
    }
  }

  private static func content(of text: PNGTextChunk) -> Content {
    if text.keyword == PNGTextChunk.packetKeyword { return .packet(text) }
    if text.isWhole, let profile = PNGRawProfile(keyword: text.keyword, text: text.text) {
      return .rawProfile(text, profile)
    }
    return .text(text)
  }

  /// Bytes of memory that the value takes.
  var valueBytes: Int {
    switch content {
    case .packet(let text), .rawProfile(let text, _), .text(let text): text.text.count
    case .exif(_, let tiff): tiff.count
    case .credentials: 0
    }
  }

  /// Whether this is where XMP part 3 puts a packet: plain `iTXt` in front of the image data.
  var isRegularPacket: Bool {
    guard case .packet(let text) = content else { return false }
    return text.type == .internationalText && !text.isCompressed && isBeforeImage && isIntact
  }

  /// The orientation that its Exif gives, if it holds any.
  var orientation: Orientation? {
    switch content {
    case .exif(_, let tiff): ExifBlock.orientation(in: tiff)
    case .rawProfile(_, let profile) where profile.content == .exif:
      ExifBlock.orientation(in: profile.payload)
    default: nil
    }
  }

  /// What it says, one item a property, tag or text.
  func items(limits: Limits) -> [MetadataItem] {
    let path = chunk.type.description + (isBeforeImage ? "" : " behind IDAT") + (isIntact ? "" : " (bad CRC)")
    switch content {
    case .packet(let text):
      return packetItems(text.text, isWhole: text.isWhole, path: "\(path) XMP", limits: limits)
    case .rawProfile(let text, let profile) where profile.content == .packet:
      return packetItems(profile.payload, isWhole: true, path: "\(path) \(text.keyword)", limits: limits)
    case .rawProfile(let text, let profile):
      return exifItems(profile.payload, path: "\(path) \(text.keyword)", limits: limits, isRegular: false)
    case .exif(let prefix, let tiff):
      return exifItems(tiff, path: path, limits: limits, isRegular: isIntact && prefix.isEmpty)
    case .text(let text):
      return [
        item(
          .text, text.keyword, text.string, .text, path + " \(text.keyword)" + (text.isWhole ? "" : " (cut)"),
          isRegular: isBeforeImage && isIntact)
      ]
    case .credentials: return [item(.box, "c2pa", "", .presence, path, isRegular: isBeforeImage)]
    }
  }

  private func packetItems(
    _ packet: [UInt8], isWhole: Bool, path: String, limits: Limits
  ) -> [MetadataItem] {
    guard isWhole else {
      let defect = "XMP packet is damaged or longer than the \(limits.metadataValueBytes) bytes that are read"
      return [item(.xmp, "", defect, .raw, path, isRegular: false)]
    }
    do throws(MediaError) {
      return try XMPPacket.items(
        in: packet, offset: UInt64(chunk.offset), path: path, isRegularPlace: isRegularPacket, limits: limits)
    } catch { return [item(.xmp, "", error.message, .raw, path, isRegular: isRegularPacket)] }
  }

  private func exifItems(_ tiff: [UInt8], path: String, limits: Limits, isRegular: Bool) -> [MetadataItem] {
    let items = ExifBlock.items(in: tiff, offset: UInt64(chunk.offset), path: path, limits: limits)
    return isRegular
      ? items
      : items.map {
        MetadataItem(
          carrier: $0.carrier, namespace: $0.namespace, name: $0.name, value: $0.value, form: $0.form,
          offset: $0.offset, path: $0.path, prefix: $0.prefix, isRegularPlace: false)
      }
  }

  private func item(
    _ carrier: MetadataCarrier, _ name: String, _ value: String, _ form: MetadataItem.Form, _ path: String,
    isRegular: Bool
  ) -> MetadataItem {
    MetadataItem(
      carrier: carrier, namespace: carrier == .xmp ? "" : chunk.type.description, name: name, value: value,
      form: form, offset: UInt64(chunk.offset), path: path, isRegularPlace: isRegular)
  }
}

/// All metadata of a file.
struct PNGMetadata {
  private(set) var items: [MetadataItem] = []
  private(set) var orientation = Orientation.up

  /// Reads every site. All values together are bounded by sixteen times the bound of one: beyond that, sites are
  /// reported with an empty value.
  init(_ structure: PNGStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    let limit = limits.metadataValueBytes
    var budget = limit > .max / 16 ? .max : limit * 16
    var fallback: Orientation?
    var found: Orientation?
    for index in structure.chunks.indices {
      guard
        let site = try PNGSite(index, of: structure, in: input, limit: max(0, min(limit, budget)))
      else { continue }
      budget -= min(budget, site.valueBytes)
      if case .exif = site.content { found = found ?? site.orientation }
      fallback = fallback ?? site.orientation
      items += site.items(limits: limits)
      guard items.count <= limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .metadata, "more than \(limits.metadataItems) metadata items in one file")
      }
    }
    orientation = found ?? fallback ?? .up
  }
}
