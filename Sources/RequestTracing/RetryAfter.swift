/// What a `Retry-After` says, RFC 9110 10.2.3.
enum RetryAfter {
    /// - Parameter now: in seconds since 1970.
    /// - Returns: how many seconds it is to wait; nil if it can't be read.
    static func seconds(_ value: String, now: Int64) -> Int64? {
        if !value.isEmpty, value.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            return Int64(value) ?? .max
        }
        return date(value).map { max(0, $0 - now) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the form that everybody is to send.
    private static func date(_ value: String) -> Int64? {
        let words = value.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), 1...31 ~= day,
            let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3]), 1970...9999 ~= year
        else { return nil }
        let time = words[4].split(separator: ":").map { Int64($0) ?? -1 }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
        return days(year, Int64(month), day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Since 1970. Years begin in March, so that the day that comes every four years is the last of one.
    ///
    /// - Parameter month: from 0.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = (month + 10) % 12
        let year = shifted >= 10 ? year - 1 : year
        let daysBefore = year * 365 + year / 4 - year / 100 + year / 400
        return daysBefore + (shifted * 153 + 2) / 5 + day - 1 - 719_468
    }
}
