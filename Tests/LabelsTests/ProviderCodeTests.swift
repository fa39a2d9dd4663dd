import Testing

@testable import Labels

@Suite struct ProviderCodeTests {
  @Test(arguments: ImplicitSamples.realCodes + [ImplicitSamples.code])
  func realCodesPass(_ text: String) throws {
    let code = try ProviderCode(text)
    #expect("00\(code.subjectType)\(code.binding)\(code.subject)\(code.serviceExtension)" == text)
    #expect(code.service == .generation)
    #expect(ProviderCode.looksLikeCode(text))
    #expect(ProviderCode.note(on: text) == nil)
  }

  /// The check character finds every single wrong character of the subject.
  @Test(arguments: ImplicitSamples.realCodes) func everySubstitutionIsFound(_ text: String) throws {
    for index in 4..<22 {
      for other in CreditCode.alphabet where other != Array(text.utf8)[index] {
        var bytes = Array(text.utf8)
        bytes[index] = other
        #expect(ProviderCode.problem(with: String(decoding: bytes, as: UTF8.self)) != nil)
      }
    }
  }

  /// A damaged code and what must be said about it.
  static let problems: [(String, String)] = [
    ("011191110102MACQD9K64010000", "position 2 is '1', expected '0'"),
    ("001191110102MACQD9K64110000", "position 22 is '1', but"),
    ("001191110102MACQO9K64010000", "position 17 is 'O'"),
    ("001191110102MACQD9K6401000", "26 characters"),
    ("001191110102MACQD9K640100000", "28 characters"),
    ("001191110102MACQD9K6401000a", "position 27 is 'a'"),
    ("001191110102macqd9k64010000", "position 13 is 'm'"),
  ]

  @Test(arguments: problems) func aWrongPositionIsNamed(_ text: String, _ words: String) throws {
    let problem = try #require(ProviderCode.problem(with: text))
    #expect(problem.description.contains(words), "\(problem)")
  }

  @Test(arguments: [
    "doubao", "MiniMax", "kling", "picwish", "Minimax Agent AI", "RunningHub", "91110108MACC4D63XF", "豆包",
    "AVeryLongCompanyNameLimited",
  ]) func namesAreNoCodes(_ name: String) {
    #expect(ProviderCode.problem(with: name) == nil)
    #expect(ProviderCode.note(on: name)?.isEmpty == false)
  }

  @Test func aBareCreditCodeIsRecognised() {
    #expect(ProviderCode.note(on: "91110108MACC4D63XF")?.contains("001191110108MACC4D63XF00000") == true)
    #expect(ProviderCode.note(on: "91110108MACC4D63XA")?.contains("is a name") == true)
  }

  @Test func otherBindingsAreOnlyCheckedForForm() throws {
    let code = try ProviderCode("002211010519491231002X20001")
    #expect(code.service == .propagation)
    #expect(code.subject == "11010519491231002X")
  }

  @Test func theServiceIsRead() throws {
    #expect(try ProviderCode("001191110000MA0000000H00000").service == .unspecified)
    #expect(try ProviderCode("001191110000MA0000000H20001").service == .propagation)
    #expect(try ProviderCode("001191110000MA0000000H7ABCD").service == .other("7"))
  }
}
