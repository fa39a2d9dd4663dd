internal import MediaCore

/// An XMP packet (ISO 16684-1): RDF properties in XML, carried by JPEG APP1, PNG iTXt and others.
enum XMPPacket {
  /// The properties of a packet, one item each. `offset` and `path` tell the carrier's place in the file. A packet
  /// that is not well-formed yields what can be recovered and one item of form `raw` with an empty name that says
  /// what is wrong.
  static func items(
    in packet: [UInt8], offset: UInt64, path: String, isRegularPlace: Bool = true, limits: Limits
  ) throws(MediaError) -> [MetadataItem] {
    []
  }

  /// `packet` (nil makes a new one) with `changes` merged property by property; everything else is kept. Throws
  /// `malformed` when the packet cannot be parsed, so that nothing of it is lost.
  static func applying(
    _ changes: MetadataChanges, to packet: [UInt8]?, limits: Limits
  ) throws(MediaError) -> [UInt8] {
    packet ?? []
  }
}
