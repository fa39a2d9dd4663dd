import Labels
import MediaCore
import Testing

@Suite struct TraceTests {
  static let traces: [(MetadataItem, String)] = [
    (
      AIGCVariant.text("a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7", key: "parameters"),
      "Stable Diffusion web UI"
    ),
    (AIGCVariant.exif("a cat\nSteps: 20, Sampler: Euler a, Seed: 1"), "Stable Diffusion web UI"),
    (AIGCVariant.text(#"{"3":{"class_type":"KSampler","inputs":{}}}"#, key: "prompt"), "ComfyUI"),
    (AIGCVariant.text(#"{"last_node_id":9,"nodes":[]}"#, key: "workflow"), "ComfyUI"),
    (AIGCVariant.text("{}", key: "invokeai_metadata"), "InvokeAI"),
    (AIGCVariant.text("NovelAI", key: "Software"), "NovelAI"),
    (AIGCVariant.exif("Adobe Firefly 3", "Software", "IFD0"), "Adobe Firefly"),
    (
      AIGCVariant.xmp(
        "Midjourney", name: "CreatorTool", namespace: "http://ns.adobe.com/xap/1.0/", prefix: "xmp"),
      "Midjourney"
    ),
    (AIGCVariant.text("True", key: "AI_Generated"), "unknown"),
    (AIGCVariant.exif("AI generated content", "ImageDescription", "IFD0"), "unknown"),
    (AIGCVariant.other(.comment, "AI_Generated=True", "COM"), "unknown"),
  ]

  @Test(arguments: traces) func tracesAreNamed(_ item: MetadataItem, _ generator: String) {
    let found = GeneratorTraceLabel().detect(in: [item])
    #expect(found.count == 1)
    #expect(found.first?["generator"] == generator)
  }

  @Test(arguments: [
    AIGCVariant.exif("A panel on AI generated content in Hangzhou", "ImageDescription", "IFD0"),
    AIGCVariant.text("Steps: to the temple", key: "parameters"),
    AIGCVariant.text("Adobe Photoshop 25.0", key: "Software"),
    AIGCVariant.exif("Imagenomic Portraiture", "Software", "IFD0"), AIGCVariant.text("Krokus", key: "Title"),
    AIGCVariant.text("False", key: "AI_Generated"), AIGCVariant.text("prompt delivery", key: "prompt"),
    AIGCVariant.exif("NIKON CORPORATION", "Make", "IFD0"),
    AIGCVariant.other(.comment, "CREATOR: gd-jpeg v1.0", "COM"),
    AIGCVariant.xmp(AIGCVariant.json),
  ])
  func otherMetadataIsNoTrace(_ item: MetadataItem) {
    #expect(GeneratorTraceLabel().detect(in: [item]).isEmpty)
  }

  @Test func sourceTypesThatSayGeneratedAreRead() throws {
    let label = IPTCLabel()
    for term in IPTCLabel.terms {
      let record = LabelRecord(
        producer: "p", produceID: "n", digitalSourceType: term, aiSystem: "M", aiPrompt: "猫")
      let items = try label.properties(for: record).map {
        MetadataItem(
          carrier: .xmp, namespace: $0.namespace, name: $0.name, value: $0.value, form: .element, offset: 1,
          path: "")
      }
      let found = label.detect(in: items)
      #expect(found.count == 1)
      #expect(found.first?["DigitalSourceType"] == term)
      #expect(found.first?["AISystemUsed"] == "M")
      #expect(found.first?["AIPromptInformation"] == "猫")
    }
    let photo = MetadataItem(
      carrier: .xmp, namespace: IPTCLabel.namespace, name: "DigitalSourceType",
      value: IPTCLabel.vocabulary + "digitalCapture", form: .element, offset: 1, path: "")
    #expect(label.detect(in: [photo]).isEmpty)
    #expect(throws: MediaError.self) {
      try label.properties(
        for: LabelRecord(producer: "p", produceID: "n", digitalSourceType: "digitalCapture"))
    }
  }

  @Test func aStoreOfCredentialsIsReportedAsPresent() {
    let store = MetadataItem(
      carrier: .box, namespace: "caBX", name: "c2pa", value: "", form: .presence, offset: 8, path: "caBX")
    #expect(ContentCredentialsLabel().detect(in: [store]).map(\.confidence) == [0.5])
    #expect(ContentCredentialsLabel().detect(in: [AIGCVariant.xmp(AIGCVariant.json)]).isEmpty)
  }
}
