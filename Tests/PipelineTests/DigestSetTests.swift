import Testing

@testable import MediaCore
@testable import TouchmarkPipeline

/// What is remembered of millions of names, against the standard library's set.
@Suite struct DigestSetTests {
  @Test(arguments: [0, 1, 2]) func itHoldsWhatASetHolds(_ recipe: Int) {
    var (set, expected) = (DigestSet(), Set<PathDigest>())
    for index in 0..<50_000 {
      // Each is given twice, and some of what is near nothing.
      let number = index / 2
      let digest =
        switch recipe {
        case 0: PathDigest(text: "d\(number % 97)/f\(number).png")
        case 1: PathDigest(FileStatus.Identity(device: 66_305, inode: UInt64(number)))
        default:
          PathDigest(FileStatus.Identity(device: UInt64(number % 251), inode: UInt64(number / 251) << 40))
        }
      let (isNew, isExpected) = (set.insert(digest), expected.insert(digest).inserted)
      #expect(isNew == isExpected)
    }
  }

  @Test func whatIsAllZeroIsHeldAsWell() {
    var set = DigestSet()
    let zero = PathDigest(FileStatus.Identity(device: 0, inode: 0))
    let (first, second) = (set.insert(zero), set.insert(zero))
    #expect(first && !second)
  }
}
