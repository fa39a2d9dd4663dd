import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Article 6 over made-up evidence.
@Suite struct JudgementTests {
  struct Case: CustomTestStringConvertible {
    let labels: [String]
    var isExplicit = false
    var isTraced = false
    var isDeclared = false
    var isDamaged = false
    let verdict: Verdict
    let compliance: Compliance
    var testDescription: String {
      "\(labels) explicit \(isExplicit) traced \(isTraced) declared \(isDeclared) damaged \(isDamaged)"
    }
  }

  static let cases: [Case] = [
    Case(labels: [], verdict: .none, compliance: .notFound),
    Case(labels: ["1"], verdict: .confirmed, compliance: .compliant),
    Case(labels: ["1"], isDeclared: true, verdict: .confirmed, compliance: .compliant),
    Case(labels: ["2"], verdict: .possible, compliance: .compliant),
    Case(labels: ["3"], verdict: .suspected, compliance: .compliant),
    Case(labels: ["3"], isDeclared: true, verdict: .possible, compliance: .compliant),
    Case(labels: ["1", "1"], verdict: .confirmed, compliance: .compliant),
    Case(labels: ["1", "2"], verdict: .confirmed, compliance: .noncompliant),
    Case(labels: [], isExplicit: true, verdict: .suspected, compliance: .notFound),
    Case(labels: [], isTraced: true, verdict: .suspected, compliance: .notFound),
    Case(labels: [], isExplicit: true, isDeclared: true, verdict: .possible, compliance: .notFound),
    Case(labels: [], isDeclared: true, verdict: .possible, compliance: .notFound),
    Case(labels: [], isDamaged: true, verdict: .undecided, compliance: .notFound),
    Case(labels: ["1"], isDamaged: true, verdict: .confirmed, compliance: .compliant),
    Case(labels: [], isTraced: true, isDamaged: true, verdict: .suspected, compliance: .notFound),
  ]

  private func evidence(_ test: Case) -> Evidence {
    var evidence = Evidence()
    evidence.info = MediaInfo(
      format: FormatID(rawValue: "x"), kind: .image, size: PixelSize(width: 8, height: 8))
    let items = test.labels.enumerated().map { index, label in
      MetadataItem(
        carrier: .xmp, namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", name: "AIGC",
        value:
          "{\"Label\":\"\(label)\",\"ContentProducer\":\"p\",\"ProduceID\":\"n\",\"ReservedCode1\":\"\","
          + "\"ContentPropagator\":\"q\",\"PropagateID\":\"m\",\"ReservedCode2\":\"\"}",
        form: .element, offset: UInt64(index), path: "x", prefix: "TC260")
    }
    evidence.searched = [AIGCMetadataLabel.id, ExplicitTextLabel.id, GeneratorTraceLabel.id]
    evidence.detections = AIGCMetadataLabel().detect(in: items)
    if test.isExplicit {
      evidence.detections.append(Detection(label: ExplicitTextLabel.id, confidence: 0.9, evidence: "text"))
    }
    if test.isTraced {
      evidence.detections.append(Detection(label: GeneratorTraceLabel.id, confidence: 0.9, evidence: "trace"))
    }
    if test.isDamaged { evidence.failure = MediaError(.malformed, .decode, "cut") }
    evidence.findings = SiteFindings.of(evidence)
    return evidence
  }

  @Test(arguments: cases) func article6(_ test: Case) {
    let judgement = Judgement(evidence(test), VerifyConfiguration(isDeclared: test.isDeclared))
    #expect(judgement.verdict == test.verdict)
    #expect(judgement.compliance == test.compliance)
    #expect(judgement.isSatisfied == (test.verdict == .confirmed))
    #expect(judgement.technique.isEmpty == (test.verdict == .none || test.verdict == .undecided))
  }

  @Test func requirementsAreAboutLabelsAndNotTheVerdict() {
    let explicit = evidence(Case(labels: [], isExplicit: true, verdict: .suspected, compliance: .notFound))
    let both = evidence(Case(labels: ["1"], isExplicit: true, verdict: .confirmed, compliance: .compliant))
    func holds(_ evidence: Evidence, _ ids: [LabelID]) -> Bool {
      Judgement(evidence, VerifyConfiguration(required: ids)).isSatisfied
    }
    #expect(holds(explicit, [ExplicitTextLabel.id]))
    #expect(!holds(explicit, [AIGCMetadataLabel.id]))
    #expect(holds(both, [AIGCMetadataLabel.id, ExplicitTextLabel.id]))
    #expect(!holds(both, [GeneratorTraceLabel.id]))
  }

  @Test func duplicatesAreFoundAndNamed() {
    let same = evidence(Case(labels: ["1", "1"], verdict: .confirmed, compliance: .compliant))
    let other = evidence(Case(labels: ["1", "2"], verdict: .confirmed, compliance: .noncompliant))
    #expect(same.findings.map(\.code) == ["V-DUP"])
    #expect(same.findings.first?.severity == .warning)
    #expect(other.findings.first?.severity == .error)
    let none = evidence(Case(labels: [], verdict: .none, compliance: .notFound))
    #expect(none.findings.map(\.code) == ["V-NONE"])
  }
}
