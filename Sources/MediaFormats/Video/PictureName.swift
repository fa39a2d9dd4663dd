/// What people call codings of pictures, for messages; containers have codes of four letters or their own words for them.
enum PictureName {
  private static let names: [(name: String, codes: String)] = [
    ("Theora", "V_THEORA theo"), ("Dirac", "V_DIRAC drac"), ("FFV1", "FFV1 V_FFV1"), ("SNOW", "SNOW"),
    ("MPEG-1", "V_MPEG1 mp1v MPG1 m1v1"), ("MPEG-2", "MPG2 MPEG"),
    ("H.266 (VVC)", "V_MPEGI/ISO/VVC vvc1 vvi1"), ("HEVC", "HEVC hvc2"), ("VP6", "VP6F VP60 VP61 VP62"),
    ("VP8", "VP80"), ("VP9", "VP90"), ("AV1", "AV01"), ("Dolby Vision", "dvh1 dvhe dva1 dvav dav1"),
    ("H.263", "s263 h263 H263 U263"), ("Sorenson H.263", "FLV1"), ("Sorenson Video", "SVQ1 SVQ3"),
    ("Cinepak", "cvid CVID"), ("Indeo", "IV31 IV32 IV41 IV50"), ("QuickTime Animation", "rle"),
    ("Apple Video", "rpza"), ("Apple Graphics", "smc"), ("Apple Intermediate Codec", "icod"),
    ("GIF", "gif"), ("JPEG 2000", "mjp2 MJ2C"), ("CineForm", "CFHD cfhd"), ("Hap", "Hap1 Hap5 HapY HapM"),
    ("raw samples", "raw 2vuy yuv2 yuvs v210 v308 v408 v410 I420 YV12 YUY2 UYVY DIB V_UNCOMPRESSED"),
    ("HuffYUV", "HFYU FFVH"), ("Ut Video", "ULRG ULRA ULY0 ULY2 ULY4 ULH0 ULH2 ULH4 UQY2"),
    ("Lagarith", "LAGS"), ("MagicYUV", "MAGY M8RG M8Y0 M8Y2 M8Y4"),
    ("Microsoft MPEG-4", "MPG4 MP42 MP43 DIV3 DIV4"), ("WMV", "WMV1 WMV2 WMV3"), ("VC-1", "WVC1 vc-1"),
    ("DV", "dvsd DVSD dvhd dvc dvcp dvpp dv5n dv5p"), ("RealVideo", "V_REAL/RV30 V_REAL/RV40"),
    ("encrypted data", "encv drmi"),
  ]

  /// `code` as a container has it, by its name where it has one; else the code.
  static func of(_ code: String) -> String {
    // Short codes are filled up with spaces.
    let bare = code.split(separator: " ").first ?? ""
    return names.first { $0.codes.split(separator: " ").contains(bare) }?.name ?? "'\(code)'"
  }
}
