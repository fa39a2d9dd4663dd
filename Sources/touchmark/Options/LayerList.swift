internal import ArgumentParser
internal import MediaCore

/// `explicit,metadata`: ids of labels with commas between.
struct LayerList: ExpressibleByArgument {
  let ids: [LabelID]

  init?(argument: String) {
    var ids: [LabelID] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let id = LabelID(rawValue: part.filter { $0 != " " })
      guard !id.rawValue.isEmpty else { return nil }
      if !ids.contains(id) { ids.append(id) }
    }
    self.ids = ids
  }
}
