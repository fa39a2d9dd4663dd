internal import MediaCore

/// What one metadata item says of the generator that wrote it, by structure and by exact names: a description that
/// merely mentions AI is no trace.
struct GeneratorTrace {
  let generator: String
  /// `parameters`, `workflow`, `program name`, `stamp`.
  let kind: String
  let confidence: Double

  init?(_ item: MetadataItem) {
    guard let found = Self.parameters(item) ?? Self.program(item) ?? Self.stamp(item) else { return nil }
    self = found
  }

  private init(_ generator: String, _ kind: String, _ confidence: Double) {
    self.generator = generator
    self.kind = kind
    self.confidence = confidence
  }

  // MARK: Generation parameters

  private static let freeTexts: Set<String> = ["UserComment", "ImageDescription", "XPComment", "description"]

  private static func parameters(_ item: MetadataItem) -> GeneratorTrace? {
    let text = item.value
    let key = item.name.lowercased()
    let isText = item.carrier == .text
    if (isText && key == "parameters") || (!isText && freeTexts.contains(item.name))
      || item.carrier == .comment
    {
      if text.contains("Steps: "), text.contains("Sampler: ") || text.contains("CFG scale: ") {
        return GeneratorTrace("Stable Diffusion web UI", "parameters", 0.95)
      }
      if text.hasPrefix("{"), text.contains("\"sui_image_params\"") {
        return GeneratorTrace("SwarmUI", "parameters", 0.95)
      }
      if isText, key == "parameters", text.hasPrefix("{"), text.contains("\"sampler\""),
        text.contains("\"prompt\"")
      {
        return GeneratorTrace("Fooocus", "parameters", 0.9)
      }
    }
    guard isText || freeTexts.contains(item.name) else { return nil }
    if text.hasPrefix("{"), text.contains("\"class_type\""), text.contains("\"inputs\"") {
      return GeneratorTrace("ComfyUI", "workflow", 0.95)
    }
    guard isText else { return nil }
    return switch key {
    case "workflow" where text.hasPrefix("{") && text.contains("\"nodes\""):
      GeneratorTrace("ComfyUI", "workflow", 0.9)
    case "sd-metadata", "invokeai_metadata", "invokeai_graph": GeneratorTrace("InvokeAI", "parameters", 0.95)
    case "dream" where text.contains(" -s"): GeneratorTrace("InvokeAI", "parameters", 0.8)
    case "fooocus_scheme": GeneratorTrace("Fooocus", "parameters", 0.95)
    case "comment" where text.hasPrefix("{") && text.contains("\"sampler\"") && text.contains("\"steps\""):
      GeneratorTrace("NovelAI", "parameters", 0.9)
    default: nil
    }
  }

  // MARK: Program names

  private static let programFields: Set<String> = [
    "software", "creatortool", "make", "model", "source", "softwareagent", "generator", "artist", "creator",
    "title", "model_name", "aisystemused",
  ]
  /// Lower-case beginnings of what generators call themselves.
  private static let programs: [(start: String, name: String)] = [
    ("novelai", "NovelAI"), ("midjourney", "Midjourney"), ("dall-e", "DALL·E"), ("dall·e", "DALL·E"),
    ("openai", "OpenAI"), ("gpt-image", "OpenAI"), ("adobe firefly", "Adobe Firefly"),
    ("firefly", "Adobe Firefly"),
    ("stable diffusion", "Stable Diffusion"), ("stable-diffusion", "Stable Diffusion"),
    ("sdxl", "Stable Diffusion"),
    ("automatic1111", "Stable Diffusion web UI"), ("comfyui", "ComfyUI"), ("invokeai", "InvokeAI"),
    ("invoke.ai", "InvokeAI"), ("fooocus", "Fooocus"), ("draw things", "Draw Things"),
    ("diffusionbee", "DiffusionBee"),
    ("black forest labs", "FLUX"), ("flux.1", "FLUX"), ("flux.2", "FLUX"), ("ideogram", "Ideogram"),
    ("leonardo.ai", "Leonardo.Ai"), ("leonardo ai", "Leonardo.Ai"), ("imagen", "Imagen"),
    ("made with google ai", "Google AI"), ("google ai", "Google AI"), ("gemini", "Google AI"),
    ("bing image creator", "Bing Image Creator"), ("grok", "Grok"), ("doubao", "Doubao"), ("豆包", "Doubao"),
    ("jimeng", "Jimeng"), ("即梦", "Jimeng"), ("kling", "Kling"), ("可灵", "Kling"), ("tongyi", "Tongyi"),
    ("通义", "Tongyi"), ("qwen-image", "Qwen"), ("hunyuan", "Hunyuan"), ("混元", "Hunyuan"),
    ("seedream", "Seedream"),
    ("wan2", "Wan"), ("liblib", "LiblibAI"), ("runninghub", "RunningHub"), ("recraft", "Recraft"),
  ]

  private static func program(_ item: MetadataItem) -> GeneratorTrace? {
    guard item.carrier == .xmp || item.carrier == .exif || item.carrier == .text,
      programFields.contains(item.name.lowercased())
    else { return nil }
    let text = item.value.lowercased()
    for (start, name) in programs where text.hasPrefix(start) {
      // "Imagenomic" is a plug-in for photographs, "Krokus" a flower: the name must end as a word.
      let rest = text.dropFirst(start.count).unicodeScalars.first
      if let rest, rest.properties.isAlphabetic, rest.isASCII, start.unicodeScalars.allSatisfy(\.isASCII) {
        continue
      }
      return GeneratorTrace(name, "program name", 0.8)
    }
    return nil
  }

  // MARK: Home-made stamps

  private static let stampKeys: Set<String> = [
    "aigc", "aigcproducer", "aigccontentid", "ai_generated", "ai-generated", "aigenerated", "aigc_marker",
  ]
  private static let stampTexts: Set<String> = [
    "ai generated content", "ai-generated content", "ai generated", "ai_generated=true", "ai_generated: true",
    "made with ai", "generated by ai", "generated with ai", "ai生成", "由ai生成", "人工智能生成", "aigc",
  ]

  private static func stamp(_ item: MetadataItem) -> GeneratorTrace? {
    let text = AIGCText.trimmed(item.value)
    let lower = text.lowercased()
    if item.carrier == .text, stampKeys.contains(item.name.lowercased()), !text.hasPrefix("{"),
      !text.hasPrefix("\"")
    {
      return ["false", "0", "no"].contains(lower) ? nil : GeneratorTrace("unknown", "stamp", 0.7)
    }
    guard item.carrier == .text || item.carrier == .comment || item.carrier == .exif || item.carrier == .xmp
    else {
      return nil
    }
    if stampTexts.contains(lower) || lower.hasPrefix("aigc=1;") {
      return GeneratorTrace("unknown", "stamp", 0.7)
    }
    return nil
  }
}
