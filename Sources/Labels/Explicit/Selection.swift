/// The values at given ranks of an unsorted list, without sorting it.
enum Selection {
  /// Moves the value that sorting would put at `rank` there, smaller ones in front of it and larger ones behind
  /// (Hoare's selection); returns it. `values` must not be empty and must hold no NaN.
  static func value(atRank rank: Int, of values: inout [Float]) -> Float {
    values.withUnsafeMutableBufferPointer { values in
      var low = 0
      var high = values.count - 1
      let rank = min(max(rank, 0), high)
      while low < high {
        // The middle of three keeps sorted and constant rows, which pictures are full of, from the worst case.
        let pivot = median(values[low], values[(low + high) / 2], values[high])
        var left = low
        var right = high
        while left <= right {
          while values[left] < pivot { left += 1 }
          while values[right] > pivot { right -= 1 }
          if left <= right {
            values.swapAt(left, right)
            left += 1
            right -= 1
          }
        }
        if rank <= right { high = right } else if rank >= left { low = left } else { break }
      }
      return values[rank]
    }
  }

  private static func median(_ a: Float, _ b: Float, _ c: Float) -> Float {
    max(min(a, b), min(max(a, b), c))
  }
}
