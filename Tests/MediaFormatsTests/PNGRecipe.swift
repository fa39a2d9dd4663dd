import Foundation

/// How a test's PNG is made; what is not given is plain. Encoded as JSON for the recipe below.
struct PNGSpec: Encodable {
  var name: String
  var type = 2
  var depth = 8
  var interlace = 0
  /// 0 … 4, or 5 for a random one each row.
  var filter = 5
  var width = 67
  var height = 45
  var level = 6
  /// zlib's: 0 default, 1 filtered, 2 Huffman only, 3 runs, 4 fixed codes.
  var strategy = 0
  var windowBits = 15
  /// `noise`, `smooth`, `flat` or `text`.
  var content = "smooth"
  /// Palette entries, and their alphas.
  var colors = 0
  var alphas: [Int] = []
  /// The transparent colour.
  var key: [Int] = []
  /// Bytes of an IDAT chunk; 0 for one chunk.
  var chunkSize = 8192
  /// Type and hexadecimal data of more chunks: behind IHDR, in front of IDAT, behind IDAT.
  var early: [[String]] = []
  var late: [[String]] = []
  var behind: [[String]] = []
  /// Bytes behind IEND, hexadecimal.
  var trailing = ""
  var seed = 1
}

/// Makes PNG files without any of the code under test: filters, interlacing and packing in Python, its zlib for
/// the stream.
enum PNGRecipe {
  static let script = #"""
    import json, random, struct, sys, zlib
    PASSES = [(0,0,8,8),(4,0,8,8),(0,4,4,8),(2,0,4,4),(0,2,2,4),(1,0,2,2),(0,1,1,2)]
    CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    def chunk(kind, data):
        body = kind.encode() + data
        return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))
    def paeth(a, b, c):
        p = a + b - c
        pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
        return a if pa <= pb and pa <= pc else b if pb <= pc else c
    def filtered(kind, row, prior, unit):
        out = bytearray([kind])
        for i, x in enumerate(row):
            a = row[i - unit] if i >= unit else 0
            c = prior[i - unit] if i >= unit else 0
            b = prior[i]
            p = [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]
            out.append((x - p) & 255)
        return out
    def pack(samples, depth):
        if depth == 8: return bytes(samples)
        if depth == 16: return b''.join(struct.pack('>H', s) for s in samples)
        bits = ''.join(format(s, '0%db' % depth) for s in samples)
        bits += '0' * (-len(bits) % 8)
        return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    def picture(s, rnd, top):
        w, h, n = s['width'], s['height'], CHANNELS[s['type']]
        kind = s['content']
        glyphs = [[rnd.randrange(2) * top for _ in range(40)] for _ in range(12)]
        rows = []
        for y in range(h):
            row = []
            for x in range(w):
                for c in range(n):
                    if kind == 'noise': v = rnd.randrange(top + 1)
                    elif kind == 'flat': v = top * (c + 1) // (n + 1) if (x // 40 + y // 40) % 2 else 0
                    elif kind == 'text': v = glyphs[(x // 8 + (y // 8) * 7) % 12][(y % 8) * 5 + x % 5]
                    else:
                        v = (x * top // w + y * top * (c + 1) // (2 * h)) % (top + 1)
                        v = min(top, max(0, v + rnd.randrange(-1, 2) * (top // 64)))
                    row.append(v)
            rows.append(row)
        return rows
    def make(s, folder):
        rnd = random.Random(s['seed'])
        kind, depth, n = s['type'], s['depth'], CHANNELS[s['type']]
        colors = s['colors'] or (1 << depth)
        top = colors - 1 if kind == 3 else (1 << depth) - 1
        rows = picture(s, rnd, top)
        unit = max(1, n * depth // 8)
        data = bytearray()
        for x0, y0, dx, dy in PASSES if s['interlace'] else [(0, 0, 1, 1)]:
            if x0 >= s['width'] or y0 >= s['height']: continue
            prior = None
            for y in range(y0, s['height'], dy):
                row = rows[y]
                flat = [v for x in range(x0, s['width'], dx) for v in row[x * n:(x + 1) * n]]
                packed = pack(flat, depth)
                prior = prior or bytes(len(packed))
                f = s['filter'] if s['filter'] < 5 else rnd.randrange(5)
                data += packed and filtered(f, packed, prior, unit)
                prior = packed
        z = zlib.compressobj(s['level'], zlib.DEFLATED, s['windowBits'], 8, s['strategy'])
        stream = z.compress(bytes(data)) + z.flush()
        out = b'\x89PNG\r\n\x1a\n'
        out += chunk('IHDR', struct.pack('>IIBBBBB', s['width'], s['height'], depth, kind, 0, 0, s['interlace']))
        for t, d in s['early']: out += chunk(t, bytes.fromhex(d))
        if kind == 3:
            out += chunk('PLTE', bytes(rnd.randrange(256) for _ in range(3 * colors)))
            if s['alphas']: out += chunk('tRNS', bytes(s['alphas']))
        if s['key']: out += chunk('tRNS', b''.join(struct.pack('>H', v) for v in s['key']))
        for t, d in s['late']: out += chunk(t, bytes.fromhex(d))
        size = s['chunkSize'] or len(stream)
        for i in range(0, len(stream), size): out += chunk('IDAT', stream[i:i + size])
        for t, d in s['behind']: out += chunk(t, bytes.fromhex(d))
        out += chunk('IEND', b'') + bytes.fromhex(s['trailing'])
        open(folder + '/' + s['name'] + '.png', 'wb').write(out)
    for spec in json.load(open(sys.argv[1])): make(spec, sys.argv[2])
    """#
}

/// A folder with the sources and the rewritten files of one test, removed when the value goes.
final class PNGWorkshop {
  let path: String
  var sources: String { path + "/source" }
  var results: String { path + "/result" }

  init(_ specs: [PNGSpec]) throws {
    path = NSTemporaryDirectory() + "touchmark-png-" + UUID().uuidString
    for folder in [path, path + "/source", path + "/result"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try PNGRecipe.script.write(toFile: path + "/make.py", atomically: true, encoding: .utf8)
    try JSONEncoder().encode(specs).write(to: URL(fileURLWithPath: path + "/specs.json"))
    _ = try Self.run("python3", [path + "/make.py", path + "/specs.json", sources])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func source(_ name: String) -> String { "\(sources)/\(name).png" }
  func result(_ name: String) -> String { "\(results)/\(name).png" }

  /// Decodes every PNG of `folder` with ImageMagick: 16-bit RGBA, little-endian, by name.
  static func decodeAll(_ folder: String) throws -> [String: [UInt16]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".png") }
    _ = try run(
      "mogrify",
      ["-depth", "16", "-endian", "LSB", "-format", "rgba"] + names.map { "\(folder)/\($0)" })
    var pictures: [String: [UInt16]] = [:]
    for name in names {
      let stem = String(name.dropLast(4))
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(stem).rgba")))
      pictures[stem] = (0..<bytes.count / 2).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
    }
    return pictures
  }

  /// What pngcheck says against the files of `folder`; empty when all hold.
  static func pngcheck(_ folder: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".png") }
    return try run("pngcheck", ["-q"] + names.map { "\(folder)/\($0)" }, allowFailure: true)
  }

  struct ToolFailure: Error { let message: String }

  static func run(_ tool: String, _ arguments: [String], allowFailure: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    if process.terminationStatus != 0, !allowFailure { throw ToolFailure(message: "\(tool): \(text)") }
    return text
  }
}
