internal import MediaCore

/// In which order pictures are shown that a container stores without saying it: told by the pictures themselves.
struct StreamOrder {
  /// Whether a picture is predicted from no other, so that one can seek to it, for each in decoding order.
  private(set) var isSync: [Bool] = []
  /// The set-up data that the first pictures have with them, or else what the container has.
  private(set) var config: [UInt8]
  /// Why pictures by another encoder cannot stand beside the others.
  private(set) var objection: String?

  private let codec: VideoCodec
  private var avc = H264Order()
  /// H.264: a number that grows from group to group, and with the time of presentation inside of one.
  private var keys: [(group: Int, count: Int)] = []
  /// MPEG-4: whether a picture is shown at once instead of when the next but those like it comes.
  private var isPassing: [Bool] = []

  /// Bytes of a picture in which what is asked for mostly stands.
  private static let headBytes = 512

  init(_ codec: VideoCodec, config: [UInt8]) {
    self.codec = codec
    self.config = config
    if codec == .h264 {
      // Only a byte stream is of use to the decoder of one.
      let sets = AVCRecord(config).map { $0.sequenceSets + $0.pictureSets }
      self.config = sets.map { $0.flatMap { AnnexB.startCode + $0 } } ?? config
      for range in AnnexB.units(of: self.config) { avc.add(Array(self.config[range])) }
    }
  }

  /// Looks at the next picture in decoding order.
  mutating func add(_ size: Int, at offset: Int, in reader: HeaderReader) throws(MediaError) {
    let head = try reader.bytes(min(size, Self.headBytes), at: offset)
    switch codec {
    case .h264:
      guard head.starts(with: AnnexB.startCode) || head.starts(with: AnnexB.startCode.dropFirst()) else {
        throw MediaError(
          .unsupported, .decode,
          "the H.264 picture at offset \(offset) is no byte stream (annex B), as AVI has it; remux the file first"
        )
      }
      var found = addUnits(head, isWhole: size <= head.count)
      if !found, size > head.count {
        found = addUnits(try reader.input.read(size, at: offset), isWhole: true)
      }
      if !found {
        keys.append(keys.last ?? (0, 0))
        isSync.append(false)
      }
    case .mpeg4:
      var kind = MPEG4Stream.kind(of: head)
      if kind == nil, size > head.count {
        kind = MPEG4Stream.kind(of: try reader.input.read(size, at: offset))
      }
      isPassing.append(kind == .bidirectional)
      isSync.append(kind == .intra)
    default: isSync.append(true)
    }
  }

  /// Takes the parameter sets in front of the first slice, and the slice; false where there is none.
  private mutating func addUnits(_ bytes: [UInt8], isWhole: Bool) -> Bool {
    let units = AnnexB.units(of: bytes)
    guard let slice = units.firstIndex(where: { H264Order.isSlice(bytes[$0.lowerBound]) }),
      isWhole || bytes.count - units[slice].lowerBound >= H264Order.headBytes
    else { return false }
    for range in units[..<slice] where H264Order.isSet(bytes[range.lowerBound]) {
      let set = Array(bytes[range])
      if keys.isEmpty, !hasOwnSets {
        config = []
        hasOwnSets = true
      }
      if keys.isEmpty {
        config += AnnexB.startCode + set
      } else if !avc.sets.contains(set) {
        objection = "the parameter sets change on the way"
      }
      avc.add(set)
    }
    let picture = avc.picture(Array(bytes[units[slice]].prefix(H264Order.headBytes)))
    keys.append(picture.place)
    isSync.append(picture.isIntra)
    return true
  }
  private var hasOwnSets = false

  /// The place of each picture in the order of presentation. Throws `unsupported` where it cannot be told.
  func ranks() throws(MediaError) -> [Int] {
    switch codec {
    case .h264:
      guard !avc.isUnknown else {
        throw MediaError(
          .unsupported, .decode, "the order of the H.264 pictures cannot be told (picture order count type 1)"
        )
      }
      let order = keys.indices.sorted {
        (keys[$0].group, keys[$0].count, $0) < (keys[$1].group, keys[$1].count, $1)
      }
      var ranks = [Int](repeating: 0, count: order.count)
      for (rank, index) in order.enumerated() { ranks[index] = rank }
      return ranks
    case .mpeg4:
      var ranks = [Int](repeating: 0, count: isPassing.count)
      var (next, waiting) = (0, Int?.none)
      for index in isPassing.indices {
        if isPassing[index] {
          ranks[index] = next
          next += 1
          continue
        }
        if let waiting {
          ranks[waiting] = next
          next += 1
        }
        waiting = index
      }
      if let waiting { ranks[waiting] = next }
      return ranks
    default: return Array(isSync.indices)
    }
  }
}
