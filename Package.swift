// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every Swift target: language mode 6, explicit existentials, imports that do not leak.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// Nobody loads the command as a library: names that nobody looks up take a twentieth of the file and of its start.
let unexported: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux]))
]

let package = Package(
  name: "touchmark",
  products: [
    .executable(name: "touchmark", targets: ["touchmark"]),
    .library(name: "TouchmarkPipeline", targets: ["TouchmarkPipeline"]),
    .library(name: "Ledger", targets: ["Ledger", "MediaCore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"),
  ],
  targets: [
    // System libraries and the C that owns `setjmp` and C macros.
    .systemLibrary(name: "CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
    .systemLibrary(name: "CHarfBuzz", pkgConfig: "harfbuzz", providers: [.apt(["libharfbuzz-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "CSignal"),
    .target(
      name: "CImageIO",
      linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("z"), .linkedLibrary("deflate")]),
    .target(name: "CSystem"),
    .target(
      name: "CMediaIO",
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CTypesetting", dependencies: ["CFreeType", "CHarfBuzz"]),

    .target(name: "MediaCore", dependencies: ["CSystem"], swiftSettings: strict),
    .target(
      name: "MediaFormats", dependencies: ["CImageIO", "CMediaIO", "CXML", "MediaCore"],
      swiftSettings: strict),
    .target(name: "Typesetting", dependencies: ["CTypesetting", "MediaCore"], swiftSettings: strict),
    .target(
      name: "Labels",
      dependencies: ["CSignal", "MediaCore", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["CSQLite", "MediaCore"], swiftSettings: strict),
    .target(
      name: "TouchmarkPipeline",
      dependencies: [
        "MediaCore", "MediaFormats", "Labels", "Ledger", "Typesetting",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "touchmark",
      dependencies: [
        "CSystem", "MediaCore", "Labels", "Ledger", "TouchmarkPipeline", "Typesetting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["Manual"], swiftSettings: strict, linkerSettings: unexported),

    .testTarget(name: "StructureTests", swiftSettings: strict),
    .testTarget(name: "MediaCoreTests", dependencies: ["MediaCore"], swiftSettings: strict),
    .testTarget(
      name: "MediaFormatsTests", dependencies: ["MediaCore", "MediaFormats"], swiftSettings: strict),
    .testTarget(
      name: "LabelsTests", dependencies: ["MediaCore", "Labels", "Typesetting"], swiftSettings: strict),
    .testTarget(name: "LedgerTests", dependencies: ["MediaCore", "Ledger"], swiftSettings: strict),
    .testTarget(name: "TypesettingTests", dependencies: ["MediaCore", "Typesetting"], swiftSettings: strict),
    .testTarget(
      name: "PipelineTests",
      dependencies: ["MediaCore", "MediaFormats", "Labels", "Ledger", "TouchmarkPipeline"],
      swiftSettings: strict),
    .testTarget(name: "CommandTests", dependencies: ["MediaCore", "touchmark"], swiftSettings: strict),
  ]
)
