import ArgumentParser
import NIOCore

/// A time on the command line: `20ms`, `1.5s`, `250us`; a number alone is milliseconds.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
    let amount: TimeAmount

    init(_ amount: TimeAmount) {
        self.amount = amount
    }

    init?(argument: String) {
        let units: [(suffix: String, nanoseconds: Double)] = [("ms", 1e6), ("us", 1e3), ("s", 1e9), ("", 1e6)]
        for unit in units where argument.hasSuffix(unit.suffix) {
            guard let number = Double(argument.dropLast(unit.suffix.count)), (0...1e6).contains(number) else {
                return nil
            }
            amount = .nanoseconds(Int64(number * unit.nanoseconds))
            return
        }
        return nil
    }

    var description: String { "\(Double(amount.nanoseconds) / 1e6)ms" }
}
