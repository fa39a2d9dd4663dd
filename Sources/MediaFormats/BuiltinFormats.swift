public import MediaCore

/// THE TABLE of formats: a new container is one new file and one line here.
public enum BuiltinFormats {
  /// Every container Touchmark reads or writes.
  public static let table = FormatTable([
    PNGFormat(),
    JPEGFormat(),
    ISOFormat.mp4,
    ISOFormat.mov,
    ISOFormat.m4a,
    MP3Format(),
    ADTSFormat(),
    AIFFFormat(),
    FLACFormat(),
    WAVEFormat(),
    AVIFormat(),
    OggFormat(),
    OggOpusFormat(),
    MatroskaFormat.matroska,
    MatroskaFormat.webM,
    FLVFormat(),
    ASFFormat(),
    TransportFormat(),
    ProgramFormat(),
    CAFFormat(),
    AMRFormat(),
  ])
}
