/// Texts that explicit labels commonly carry: what a blind search looks for.
enum StandardPhrases {
  /// The forms of GB 45438-2025 5.2 and its annex, and those of large providers.
  static let all = [
    "AI生成", "AI合成", "AI生成合成", "由AI生成", "由AI合成", "人工智能生成", "人工智能合成", "人工智能生成合成",
    "由人工智能生成", "本图由AI生成", "图片由AI生成", "内容由AI生成", "AI辅助生成", "疑似AI生成",
  ]
}
