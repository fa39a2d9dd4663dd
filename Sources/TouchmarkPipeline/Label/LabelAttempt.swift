internal import Labels
internal import MediaCore

extension Labeller {
  /// A labelled file that has been read back and has no name yet.
  struct Attempt {
    let plan: LabelPlan
    let rewriting: LabelPlan.Rewriting
    let output: OutputFile
    let written: InputFile
    /// Of what was written, where digests are wanted.
    let digest: RunningDigest?
  }

  /// Writes by `plan`, and anew without what cannot be read back.
  func attempt(
    _ plan: LabelPlan, file: any MediaFile, input: InputFile, job: Job, target: FilePath?,
    clock: inout StepClock
  ) throws(MediaError) -> Attempt {
    var plan = plan
    while true {
      let output =
        if let target { try OutputFile(target, mode: input.status.mode & 0o777) } else {
          try OutputFile(unnamed: job.input)
        }
      if job.output == nil, target != nil { output.adoptOwner(of: input.status) }
      let digest = takesDigests ? RunningDigest() : nil
      output.onWrite = digest?.update
      let rewriting = try plan.rewrite(file, to: output, clock: &clock)
      var unread = rewriting.unread
      if unread.isEmpty {
        try output.flush()
        let written = try output.readBack()
        unread = try OutputCheck(plan: plan, rewriting: rewriting, labeller: self).check(
          written, against: file)
        clock.lap("check")
        guard !unread.isEmpty else {
          return Attempt(
            plan: plan, rewriting: rewriting, output: output, written: written, digest: digest)
        }
      }
      plan = try self.plan(for: job, file: file, after: plan, rewriting.drawn, without: unread)
    }
  }

  /// The labels of `plan` less those that are unread, where the file may do without: labels that it need not have, and those that
  /// its other part carries. Throws `insufficientCapacity` for another one.
  private func plan(
    for job: Job, file: any MediaFile, after plan: LabelPlan, _ drawn: [LabelResult.Drawn],
    without unread: Set<UnreadLabel>
  ) throws(MediaError) -> LabelPlan {
    // Frames may not have been reached.
    let expected = plan.embedders.map { UnreadLabel($0.label, .frames) }
    let read = Set(drawn.map(UnreadLabel.init)).union(expected).subtracting(unread)
    for label in unread where !plan.optional.contains(label.label) {
      guard read.contains(where: { $0.label == label.label }) else {
        throw label.error(in: file, plan, configuration)
      }
    }
    return try LabelPlan(
      for: job.numbered(plan.record.produceID), file: file, replacing: exclusiveLabels(in: file),
      without: plan.missing.union(unread), labeller: self)
  }
}
