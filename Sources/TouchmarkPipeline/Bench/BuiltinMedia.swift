internal import MediaCore

/// The media that a benchmark measures where none are named: made on the spot, the same bytes on each machine with the same
/// codecs.
///
/// Pictures are fractal noise, each octave of a little more than half the amplitude of the one before, as in
/// photographs, over a gradient, with some discs of hard edge and the grain of a sensor. The film is a slow pan over one of them.
/// Sound is vowel-like tones with pauses and a little noise.
struct BuiltinMedia {
  /// Pixels along a picture's sides.
  static let side = 1024
  /// Pictures a format.
  static let count = 4
  /// Seconds of a sound.
  static let seconds = 10
  /// What it is, for people.
  static let description =
    "built-in set: \(count) photo-like pictures of \(side) x \(side) a format, made from noise, \(seconds) s of sound, and \(filmSeconds) s of film of \(filmSize)"
  /// Seconds and pixels of the film: two openings long, so that what is not labelled by default can be copied.
  static let filmSeconds = 8
  static let filmSize = PixelSize(width: 848, height: 480)
  private static let filmRate = 24

  /// Writes the set into `folder`. Throws `io`.
  static func write(
    to folder: FilePath, formats: FormatTable, side: Int = side, seconds: Int = seconds,
    filmSize: PixelSize = filmSize, filmSeconds: Int = filmSeconds
  ) throws(MediaError) {
    for index in 0..<count {
      let picture = picture(side: side, seed: UInt32(index))
      for case let format as any PictureWriting in formats.formats {
        let output = try output(in: folder, format, index)
        try format.write(picture, to: output)
        try output.commit(.rename)
      }
    }
    let film = film(filmSize, count: filmSeconds * filmRate)
    for case let format as any FilmWriting in formats.formats {
      let output = try output(in: folder, format, 0)
      do throws(MediaError) {
        try format.write(film, to: output)
        try output.commit(.rename)
      } catch {
        // Other kinds of the format, and machines without an encoder: then there is no film to measure.
        guard error.code == .unsupported else { throw error }
      }
    }
    for case let format as any SoundWriting in formats.formats {
      let output = try output(in: folder, format, 0)
      try format.write(sound(seconds: seconds), to: output)
      try output.commit(.rename)
    }
  }

  private static func output(
    in folder: FilePath, _ format: any MediaFormat, _ index: Int
  ) throws(MediaError) -> OutputFile {
    let ending = format.descriptor.extensions.first ?? format.descriptor.id.rawValue
    return try OutputFile(folder.appending(FilePath("\(format.descriptor.id)-\(index).\(ending)")))
  }

  static func picture(side: Int, seed: UInt32) -> RGBPicture {
    let noise = FractalNoise(seed: seed)
    let discs = (0..<6).map { index in
      (0..<6).map { Float(Hash.value(seed &+ 77, UInt32(index), UInt32($0)) & 0xFFFF) / 65_535 }
    }
    let samples = [UInt8](unsafeUninitializedCapacity: 3 * side * side) { samples, count in
      count = samples.count
      for y in 0..<side {
        for x in 0..<side {
          let (u, v) = (Float(x) / Float(side), Float(y) / Float(side))
          let tone = 150 - 60 * v + 110 * noise.value(x, y, side: side)
          var color = SIMD3<Float>(tone + 20 * (u - 0.5), tone, tone + 30 * (v - 0.4))
          for disc in discs where Self.covers(disc, u, v) {
            color = color * 0.6 + SIMD3(disc[3], disc[4], disc[5]) * 100
          }
          let grain = Hash.value(seed &+ 5, UInt32(x), UInt32(y))
          for channel in 0..<3 {
            let value = color[channel] + Float(grain >> (8 * channel) & 0xFF) / 255 * 5 - 2.5
            samples[3 * (y * side + x) + channel] = UInt8(min(max(value, 0), 255))
          }
        }
      }
    }
    return RGBPicture(size: PixelSize(width: side, height: side), samples: samples)
  }

  /// A pan over a picture, two pixels to the right and one down a time.
  static func film(_ size: PixelSize, count: Int) -> PlanarFilm {
    let picture = picture(side: max(size.width + 2 * count, size.height + count), seed: 9)
    return PlanarFilm(size: size, frameRate: filmRate, count: count) { index in
      let (left, top) = (2 * index, index)
      var planes = [UInt8](repeating: 128, count: size.pixelCount * 3 / 2)
      for y in 0..<size.height {
        for x in 0..<size.width {
          let start = 3 * ((top + y) * picture.size.width + left + x)
          let red = Float(picture.samples[start])
          let green = Float(picture.samples[start + 1])
          let blue = Float(picture.samples[start + 2])
          let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
          planes[y * size.width + x] = UInt8(16.5 + luma * 219 / 255)
          guard x % 2 == 0, y % 2 == 0 else { continue }
          let chroma = size.pixelCount + y / 2 * (size.width / 2) + x / 2
          planes[chroma] = UInt8(128.5 + (blue - luma) / 1.8556 * 224 / 255)
          planes[chroma + size.pixelCount / 4] = UInt8(128.5 + (red - luma) / 1.5748 * 224 / 255)
        }
      }
      return planes
    }
  }

  private static func covers(_ disc: [Float], _ u: Float, _ v: Float) -> Bool {
    let (x, y, radius) = (u - disc[0], v - disc[1], 0.03 + 0.12 * disc[2])
    return x * x + y * y < radius * radius
  }

  static func sound(seconds: Int, sampleRate: Int = 48_000) -> PCMSound {
    var phases = [Float](repeating: 0, count: 5)
    let samples = (0..<seconds * sampleRate).flatMap { index -> [Int16] in
      let time = Float(index) / Float(sampleRate)
      // A syllable of a third of a second and a pause; each has a pitch of its own.
      let syllable = UInt32(time * 2)
      let place = time * 2 - Float(syllable)
      let loudness: Float = place < 0.66 ? min(1, min(place, 0.66 - place) * 20) : 0
      let pitch = 110 + Float(Hash.value(9, syllable, 0) & 63)
      var value: Float = 0
      for harmonic in phases.indices {
        phases[harmonic] += pitch * Float(harmonic + 1) / Float(sampleRate)
        phases[harmonic] -= phases[harmonic].rounded(.down)
        value += Self.wave(phases[harmonic]) / Float(harmonic + 1)
      }
      let noise = Float(Hash.value(3, UInt32(index), 1) & 0xFF) / 255 - 0.5
      let sample = Int16(6000 * loudness * value + 120 * noise)
      return [sample, sample]
    }
    return PCMSound(sampleRate: sampleRate, channels: 2, samples: samples)
  }

  /// A sine of one period over 0 … 1, by parabolas: no mathematics library gives another one elsewhere.
  private static func wave(_ phase: Float) -> Float {
    let x = 2 * phase - 1
    return 4 * x * (x.magnitude - 1)
  }
}

/// Numbers that look random and are not.
enum Hash {
  static func value(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> UInt32 {
    var h = a &* 0x9E37_79B1 ^ b &* 0x85EB_CA77 ^ c &* 0xC2B2_AE3D
    h = (h ^ h >> 15) &* 0x2C1B_3C6D
    h = (h ^ h >> 12) &* 0x297A_2D39
    return h ^ h >> 15
  }
}

/// Lattice noise of eight octaves, interpolated between random values; about -1 … 1.
private struct FractalNoise {
  private static let octaves = 8
  /// Amplitude of an octave, of that of the one before.
  private static let decay: Float = 0.55
  let seed: UInt32

  func value(_ x: Int, _ y: Int, side: Int) -> Float {
    var sum: Float = 0
    var amplitude: Float = 1
    var cell = Float(side) / 2
    for octave in 0..<Self.octaves where cell >= 2 {
      sum += amplitude * lattice(Float(x) / cell, Float(y) / cell, UInt32(octave))
      amplitude *= Self.decay
      cell /= 2
    }
    return sum
  }

  private func lattice(_ x: Float, _ y: Float, _ octave: UInt32) -> Float {
    let (column, row) = (UInt32(x), UInt32(y))
    let (u, v) = (Self.ease(x - Float(column)), Self.ease(y - Float(row)))
    func corner(_ dx: UInt32, _ dy: UInt32) -> Float {
      Float(Hash.value(seed &* 31 &+ octave, column &+ dx, row &+ dy) & 0xFFFF) / 32_767.5 - 1
    }
    let top = corner(0, 0) * (1 - u) + corner(1, 0) * u
    let bottom = corner(0, 1) * (1 - u) + corner(1, 1) * u
    return top * (1 - v) + bottom * v
  }

  private static func ease(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
