internal import MediaCore

/// Names of generators, in the fields where programs put their own.
enum GeneratorNames {
  /// The trace in `item`; nil when the field is another or the name unknown.
  static func trace(in item: MetadataItem) -> GeneratorTrace? {
    let key = item.name.lowercased()
    if key == "hf-job-id" { return GeneratorTrace("Hugging Face job", .software, 0.8) }
    if key == "fooocus_scheme" { return GeneratorTrace("Fooocus", .software, 0.95) }
    if key == "credit", item.value.lowercased().hasPrefix("made with google ai") {
      return GeneratorTrace("Google AI", .software, 0.95)
    }
    guard let known = particular[key] ?? (fields.contains(key) ? names : nil) else { return nil }
    let value = String(item.value.prefix(80)).lowercased()
    return known.first { begins(value, with: $0.0) }.map { GeneratorTrace($0.1, .software, $0.2) }
  }

  /// The fields where a program names itself: Exif Software, xmp:CreatorTool and the like.
  private static let fields: Set = [
    "software", "creatortool", "processingsoftware", "generator", "softwareagent",
  ]

  /// Fields where only what is known to be written there counts: a photograph may well have OpenAI as its source.
  private static let particular = [
    "source": [("stable diffusion", "Stable Diffusion", 0.9), ("novelai diffusion", "NovelAI", 0.95)],
    "make": [("black forest labs", "FLUX", 0.95)],
  ]

  /// Lower-case beginnings of values, the name to report, and how sure a match is. Editors that also generate
  /// (Photoshop, Canva, Designer) are no evidence and stand nowhere here.
  private static let names: [(String, String, Double)] = [
    ("midjourney", "Midjourney", 0.9), ("dall-e", "DALL-E", 0.9), ("dall·e", "DALL-E", 0.9),
    ("dalle", "DALL-E", 0.9), ("openai", "OpenAI", 0.9), ("chatgpt", "OpenAI", 0.9),
    ("gpt-image", "OpenAI", 0.9),
    ("adobe firefly", "Adobe Firefly", 0.9), ("stable diffusion", "Stable Diffusion", 0.9),
    ("stability ai", "Stable Diffusion", 0.9), ("automatic1111", "Stable Diffusion web UI", 0.9),
    ("comfyui", "ComfyUI", 0.9), ("invokeai", "InvokeAI", 0.9), ("novelai", "NovelAI", 0.95),
    ("fooocus", "Fooocus", 0.9), ("draw things", "Draw Things", 0.9), ("swarmui", "SwarmUI", 0.9),
    ("black forest labs", "FLUX", 0.95), ("ai generated;", "FLUX", 0.95), ("flux.1", "FLUX", 0.9),
    ("flux.2", "FLUX", 0.9), ("leonardo.ai", "Leonardo.Ai", 0.9), ("ideogram", "Ideogram", 0.9),
    ("recraft", "Recraft", 0.9), ("bing image creator", "Bing Image Creator", 0.9),
    ("google imagen", "Imagen", 0.9), ("doubao", "Doubao", 0.8), ("豆包", "Doubao", 0.8), ("即梦", "Jimeng", 0.8),
    ("可灵", "Kling", 0.8),
  ]

  /// Whether `value` is `name`, or goes on with something that is not a letter: `novelai`, `novelai v3`, not
  /// `novelair`.
  private static func begins(_ value: String, with name: String) -> Bool {
    guard value.hasPrefix(name) else { return false }
    guard let next = value.dropFirst(name.count).first, name.last?.isASCII == true else { return true }
    return !next.isLetter || name.last == ";"
  }
}
