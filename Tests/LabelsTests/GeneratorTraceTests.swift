import MediaCore
import Testing

@testable import Labels

@Suite struct GeneratorTraceTests {
  private typealias S = ImplicitSamples
  private static let settings =
    "a cat, masterpiece\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, "
    + "Model hash: 6ce0161689, Model: v1-5"

  /// A trace, who is behind it and of what kind it is.
  struct Sample: Sendable, CustomTestStringConvertible {
    let item: MetadataItem
    let generator: String
    let kind: String
    var testDescription: String { "\(generator) \(kind) \(item.name) \(item.value.prefix(30))" }
    init(_ generator: String, _ kind: String, _ item: MetadataItem) {
      (self.item, self.generator, self.kind) = (item, generator, kind)
    }
  }

  static let samples: [Sample] = [
    Sample("Stable Diffusion web UI", "parameters", S.text(settings, "parameters")),
    Sample("Stable Diffusion web UI", "parameters", S.exif(settings)),
    Sample(
      "Stable Diffusion web UI", "parameters",
      S.xmp(
        "a cat\nSteps: 8, Sampler: DPM++, Guidance Scale: 4.5, Seed: 12",
        namespace: "http://purl.org/dc/elements/1.1/",
        prefix: "dc", name: "description")),
    Sample(
      "ComfyUI", "workflow",
      S.text(#"{"3":{"class_type":"KSampler","inputs":{"seed":1,"model":["4",0]}}}"#, "prompt", chunk: "iTXt")
    ),
    Sample(
      "ComfyUI", "workflow",
      S.text(
        #"{"last_node_id":9,"nodes":[{"id":7,"type":"CLIPTextEncode","inputs":[]}],"links":[],"version":0.4}"#,
        "workflow")
    ),
    Sample(
      "ComfyUI", "workflow",
      S.text(#"{"3":{"class_type":"KSampler","inputs":{"denoise":NaN},"_meta":{}}}"#, "prompt")),
    Sample(
      "ComfyUI", "workflow",
      S.exif(#"prompt:{"3":{"class_type":"KSampler","inputs":{}}}"#, "Model", in: "IFD0")),
    Sample(
      "InvokeAI", "parameters",
      S.text(#"{"app_version":"4.2","generation_mode":"txt2img","positive_prompt":"x"}"#, "invokeai_metadata")
    ),
    Sample("InvokeAI", "workflow", S.text(#"{"id":"1","nodes":{},"edges":[]}"#, "invokeai_graph")),
    Sample("InvokeAI", "parameters", S.text(#"{"model":"sd","image":{"prompt":[]}}"#, "sd-metadata")),
    Sample(
      "InvokeAI", "parameters", S.text("\"a cat\" -s 50 -S 123 -W 512 -H 512 -C 7.5 -A k_lms", "Dream")),
    Sample("NovelAI", "software", S.text("NovelAI", "Software")),
    Sample("NovelAI", "software", S.text("NovelAI Diffusion V4 37442FCA", "Source")),
    Sample(
      "NovelAI", "parameters",
      S.text(#"{"steps":28,"scale":5.0,"seed":1,"uc":"bad","sampler":"k_euler"}"#, "Comment")),
    Sample("Fooocus", "software", S.text("fooocus", "fooocus_scheme")),
    Sample(
      "Fooocus", "parameters",
      S.text(
        #"{"prompt":"x","negative_prompt":"","seed":"1","steps":30,"sampler":"dpmpp","version":"Fooocus v2.5"}"#,
        "parameters")),
    Sample(
      "Draw Things", "parameters",
      S.exif(#"{"c":"a cat","uc":"","model":"sd","sampler":"Euler","scale":4,"seed":1,"steps":8,"v2":{}}"#)),
    Sample("SwarmUI", "parameters", S.text(#"{"sui_image_params":{"prompt":"x"}}"#, "parameters")),
    Sample(
      "Midjourney", "parameters",
      S.text("a cat --ar 16:9 --v 6.1 Job ID: 01234567-89ab-cdef-0123-456789abcdef", "Description")),
    Sample("Midjourney", "parameters", S.text("a cat --ar 16:9 --v 6.1", "Description")),
    Sample(
      "Adobe Firefly", "software",
      S.xmp("Adobe Firefly", namespace: "http://ns.adobe.com/xap/1.0/", prefix: "xmp", name: "CreatorTool")),
    Sample("DALL-E", "software", S.exif("DALL·E 3", "Software", in: "IFD0")),
    Sample("FLUX", "software", S.exif("Black Forest Labs", "Make", in: "IFD0")),
    Sample("FLUX", "software", S.exif("AI generated;txt2img;flux", "Software", in: "IFD0")),
    Sample("Google AI", "software", S.xmp("Made with Google AI", prefix: "photoshop", name: "Credit")),
    Sample("unknown", "stamp", S.text("true")),
    Sample("unknown", "stamp", S.text("本图由AI生成，仅供参考", "AIGC", chunk: "iTXt")),
    Sample("unknown", "stamp", S.text("SHUBAO-CN", "AIGCProducer", chunk: "iTXt")),
    Sample("unknown", "stamp", S.text("AIGC-0011", "AIGCContentId", chunk: "iTXt")),
    Sample("unknown", "stamp", S.exif("AI generated content", "ImageDescription", in: "IFD0")),
    Sample("unknown", "stamp", S.text("True", "AI_Generated")),
    Sample("unknown", "stamp", S.comment("AI_Generated=True; Source=x")),
    Sample("unknown", "stamp", S.comment("AIGC=1; Producer=x; ContentID=y")),
  ]

  @Test(arguments: samples) func everyTraceIsFound(_ sample: Sample) throws {
    let found = GeneratorTraceLabel().detect(in: [sample.item])
    #expect(found.count == 1)
    let detection = try #require(found.first)
    #expect(detection["generator"] == sample.generator)
    #expect(detection["kind"] == sample.kind)
    #expect(detection.site == sample.item)
    #expect((0.5...0.95).contains(detection.confidence))
    #expect(AIGCMetadataLabel().detect(in: [sample.item]) == [])
  }

  /// Honest metadata, some of which speaks of AI.
  static let innocents: [MetadataItem] = [
    S.exif("A talk about AI at the AIGC summit", "ImageDescription", in: "IFD0"),
    S.exif("How AI generated content changes news", "ImageDescription", in: "IFD0"),
    S.exif("Adobe Photoshop 26.0 (Macintosh)", "Software", in: "IFD0"),
    S.exif("GIMP 2.10.36", "Software", in: "IFD0"), S.exif("Canon", "Make", in: "IFD0"),
    S.exif("Hawkeye Firefly 8SE", "Make", in: "IFD0"), S.exif("Novelair 3", "Software", in: "IFD0"),
    S.exif("Fluxus", "Software", in: "IFD0"), S.exif("Google", "Make", in: "IFD0"),
    S.xmp("OpenAI", prefix: "photoshop", name: "Source"),
    S.xmp("OpenAI press", prefix: "photoshop", name: "Credit"),
    S.xmp("AI generated", prefix: "dc", name: "subject"), S.xmp("Midjourney", prefix: "dc", name: "subject"),
    S.text("Steps: 1. Mix the flour. 2. Bake. Size: large", "Comment"),
    S.text("Steps: 12 to the door, Model: staircase", "Description"),
    S.text("Job ID: 4711", "Description"), S.text("run it with --v 2", "Comment"),
    S.text("a prompt answer", "prompt"), S.text("approval", "workflow"),
    S.text(#"{"nodes":[1,2],"links":[]}"#, "graph"), S.text(#"{"seed":1,"steps":2}"#, "Comment"),
    S.text(#"{"camera":"X","settings":{"iso":100}}"#, "parameters"), S.text("false"), S.text("0"),
    S.text("false", "AI_Generated"), S.comment("AI_Generated=False"), S.comment("AIGC=0; checked"),
    S.comment("CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90"),
    S.comment("AIGCommunity photo walk"), S.text("", "AIGC"), S.text(S.json),
    S.exif(#"{"AIGC":\#(S.json)}"#), S.xmp(S.json), S.segment("ComfyUI Steps: 20, Sampler: x, Seed: 3"),
  ]

  @Test(arguments: innocents) func innocentsLeaveNoTrace(_ item: MetadataItem) {
    #expect(GeneratorTraceLabel().detect(in: [item]) == [])
  }

  @Test func excerptsAreBounded() throws {
    let found = GeneratorTraceLabel().detect(in: [
      S.text(Self.settings + String(repeating: "あ", count: 5000), "x")
    ])
    #expect(try #require(found.first?["excerpt"]).unicodeScalars.count == 201)
  }

  @Test func credentialsAreSeenButNotJudged() {
    let box = MetadataItem(
      carrier: .box, namespace: "caBX", name: "c2pa", value: "", form: .presence, offset: 33, path: "caBX")
    let found = ContentCredentialsLabel().detect(in: [S.text("c2pa", "c2pa"), box])
    #expect(found.map(\.site) == [box])
    #expect(found.map(\.confidence) == [0.5])
    #expect(found.first?.evidence.contains("not validated") == true)
  }

  @Test(arguments: [ContentCredentialsLabel.id, GeneratorTraceLabel.id])
  func whatIsOnlyDetectedIsNotWritten(_ id: LabelID) throws {
    let label = try #require(BuiltinLabels.table.label(id) as? any MetadataLabel)
    #expect(!label.descriptor.isEmbeddable && !label.descriptor.isDefault)
    let error = try #require(throws: MediaError.self) {
      _ = try label.properties(for: LabelRecord(producer: "p", produceID: "1"))
    }
    #expect(error.code == .unsupported)
  }
}
