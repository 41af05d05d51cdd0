import HTTPFraming
import Testing

@Suite("Reasons for refusal")
struct FramingErrorTests {
    @Test("each reason names its rule, and has a text of its own")
    func descriptions() {
        let descriptions = FramingError.allCases.map(\.description)
        #expect(Set(descriptions).count == descriptions.count)
        for description in descriptions {
            #expect(description.contains("RFC 91"))
        }
    }

    @Test(
        "the status fits the reason",
        arguments: [
            (.headTooLarge, 431), (.tooManyFields, 431), (.requestLineTooLong, 414), (.unsupportedTransferCoding, 501),
            (.unsupportedVersion, 505), (.lengthAndTransferEncoding, 400), (.transferEncodingInHTTP10, 400),
        ] as [(FramingError, Int)]
    )
    func status(_ error: FramingError, _ status: Int) {
        #expect(error.status == status)
    }
}
