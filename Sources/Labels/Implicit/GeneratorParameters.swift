internal import MediaCore

/// Settings of a run and graphs of node editors, told by their structure under whichever key they stand.
enum GeneratorParameters {
  /// The trace in `item`; nil when it is neither.
  static func trace(in item: MetadataItem) -> GeneratorTrace? {
    let bytes = Array(item.value.utf8)
    let text = bytes.drop { $0 <= 0x20 }
    // A word in front of the object: ComfyUI's WebP writer puts `workflow:{…}` and `prompt:{…}` into Exif tags.
    for key in ["workflow:", "prompt:"] where text.starts(with: (key + "{").utf8) {
      return object(Array(text.dropFirst(key.utf8.count)), key: item.name.lowercased())
    }
    if text.first == UInt8(ascii: "{") { return object(Array(text), key: item.name.lowercased()) }
    return settings(bytes) ?? dream(bytes, key: item.name) ?? midjourney(bytes)
  }

  /// `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512`: what the Stable Diffusion web UI and the
  /// many that follow it write. A recipe may have steps; it has no sampler and no seed.
  private static func settings(_ bytes: [UInt8]) -> GeneratorTrace? {
    var start = 0
    var attempts = 0
    // Bounded: a text may say nothing but "Steps: 1" a hundred thousand times.
    while attempts < 8, let found = bytes.range(of: Array("Steps: ".utf8), from: start) {
      start = found.upperBound
      attempts += 1
      guard start < bytes.count, (0x30...0x39).contains(bytes[start]) else { continue }
      let rest = Array(bytes[start...].prefix(4096))
      let companions = [
        "Sampler: ", "CFG scale: ", "Guidance Scale: ", "Seed: ", "Size: ", "Model hash: ", "Model: ",
      ]
      let count = companions.count { rest.holds($0) }
      if count >= 2, rest.holds("Sampler: ") || count >= 3 {
        return GeneratorTrace("Stable Diffusion web UI", .parameters, 0.95)
      }
    }
    return nil
  }

  /// `"a prompt" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms` under the key Dream: InvokeAI before its JSON.
  private static func dream(_ bytes: [UInt8], key: String) -> GeneratorTrace? {
    guard key.lowercased() == "dream",
      [" -s", " -S", " -A"].allSatisfy({ bytes.holds($0) })
    else { return nil }
    return GeneratorTrace("InvokeAI", .parameters, 0.9)
  }

  /// `… --ar 16:9 --v 6 Job ID: 01234567-89ab-…`.
  private static func midjourney(_ bytes: [UInt8]) -> GeneratorTrace? {
    if let found = bytes.range(of: Array("Job ID: ".utf8)), isUUID(bytes[found.upperBound...].prefix(36)) {
      return GeneratorTrace("Midjourney", .parameters, 0.95)
    }
    let flags = [" --ar ", " --v ", " --stylize ", " --niji ", " --chaos ", " --style raw"]
    let count = flags.count { bytes.holds($0) }
    return count >= 2 ? GeneratorTrace("Midjourney", .parameters, 0.7) : nil
  }

  private static func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count == 36 else { return false }
    return bytes.enumerated().allSatisfy { index, byte in
      [8, 13, 18, 23].contains(index)
        ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit
    }
  }

  private static func object(_ bytes: [UInt8], key: String) -> GeneratorTrace? {
    guard let value = try? JSONValue(parsing: bytes), case .object(let members) = value else {
      // Python writes NaN, which is no JSON; so many words of a graph are still no accident.
      let graphs = [["\"class_type\"", "\"inputs\""], ["\"nodes\"", "\"links\"", "\"widgets_values\""]]
      let isGraph = graphs.contains { $0.allSatisfy { bytes.holds($0) } }
      return isGraph ? GeneratorTrace("ComfyUI", .workflow, 0.8) : nil
    }
    if isGraph(members) || isEditorGraph(value) { return GeneratorTrace("ComfyUI", .workflow, 0.95) }
    let names = Set(members.prefix(256).map(\.0))
    if names.contains("sui_image_params") { return GeneratorTrace("SwarmUI", .parameters, 0.95) }
    if names.contains("app_version"), names.contains("generation_mode") || names.contains("positive_prompt") {
      return GeneratorTrace("InvokeAI", .parameters, 0.95)
    }
    if key == "invokeai_graph", names.contains("nodes") { return GeneratorTrace("InvokeAI", .workflow, 0.95) }
    if key == "sd-metadata", names.contains("image") { return GeneratorTrace("InvokeAI", .parameters, 0.95) }
    return run(names, members: members)
  }

  /// A flat object of a run's settings: NovelAI's Comment, Fooocus' parameters, Draw Things' UserComment.
  private static func run(_ names: Set<String>, members: [(String, JSONValue)]) -> GeneratorTrace? {
    let settings = [
      "steps", "seed", "sampler", "scale", "cfg_scale", "guidance_scale", "uc", "negative_prompt", "prompt",
    ]
    guard names.contains("seed"), names.contains("steps"), settings.count(where: names.contains) >= 4 else {
      return nil
    }
    let version = members.first { $0.0 == "version" }?.1.string ?? ""
    let generator =
      if version.hasPrefix("Fooocus") { "Fooocus" } else if names.contains("v2"), names.contains("c") {
        "Draw Things"
      } else if names.contains("uc") { "NovelAI" } else { "Stable Diffusion" }
    return GeneratorTrace(generator, .parameters, 0.95)
  }

  /// ComfyUI's `prompt`: by number, nodes with a class and inputs.
  private static func isGraph(_ members: [(String, JSONValue)]) -> Bool {
    members.prefix(8).contains { $0.1["class_type"]?.string != nil && $0.1["inputs"] != nil }
  }

  /// ComfyUI's `workflow`: the editor's nodes and links.
  private static func isEditorGraph(_ value: JSONValue) -> Bool {
    guard case .array(let nodes)? = value["nodes"], value["links"] != nil || value["last_node_id"] != nil
    else {
      return false
    }
    return nodes.prefix(8).contains {
      $0["type"]?.string != nil && ($0["inputs"] ?? $0["widgets_values"]) != nil
    }
  }
}
