// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "ledger-benchmark",
  dependencies: [.package(name: "touchmark", path: "../..")],
  targets: [
    .executableTarget(
      name: "rows", dependencies: [.product(name: "Ledger", package: "touchmark")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
  ]
)
