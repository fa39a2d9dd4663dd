// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
let strictC: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]

/// Keeps the Swift runtime out of programs in C, for it would weigh on their start and on their peak memory.
let withoutSwift: LinkerSetting = .unsafeFlags(["-static-executable", "-nostartfiles"])

let package = Package(
  name: "benchmarks",
  targets: [
    .executableTarget(name: "measure", cSettings: strictC, linkerSettings: [withoutSwift]),
    .executableTarget(
      name: "bare-jpeg", cSettings: strictC, linkerSettings: [withoutSwift, .linkedLibrary("jpeg")]),
    // The two programs above are not linked into this one: it starts them, so they have to be built with it.
    .executableTarget(name: "throughput", dependencies: ["measure", "bare-jpeg"], swiftSettings: strict),
  ]
)
