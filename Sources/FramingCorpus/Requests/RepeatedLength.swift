extension RequestTable {
    /// RFC 9112 6.3 lets a recipient take equal lengths for one; not all do, so that here none does.
    static var repeatedLength: RequestTable {
        var table = RequestTable("repeated Content-Length")
        table.refuse(
            "RFC 9112 6.3",
            [
                "equal lines": Wire.post("Content-Length: 5", "Content-Length: 5"),
                "equal lines apart": Wire.post("Content-Length: 5", "X: y", "Content-Length: 5"),
                "equal numbers": Wire.post("Content-Length: 5", "Content-Length: 05"),
                "smaller first": Wire.post("Content-Length: 0", "Content-Length: 5"),
                "larger first": Wire.post("Content-Length: 5", "Content-Length: 0"),
                "other letters": Wire.post("Content-Length: 5", "content-length: 6"),
                "three": Wire.post("Content-Length: 5", "Content-Length: 5", "Content-Length: 5"),
                "second empty": Wire.post("Content-Length: 5", "Content-Length:"),
                "first empty": Wire.post("Content-Length:", "Content-Length: 5"),
                "second not a number": Wire.post("Content-Length: 5", "Content-Length: x"),
                "list of equal ones": Wire.post("Content-Length: 5, 5"),
                "list without spaces": Wire.post("Content-Length: 5,5"),
                "list of different ones": Wire.post("Content-Length: 5, 6"),
                "list beginning with zero": Wire.post("Content-Length: 0, 5"),
                "list with an empty end": Wire.post("Content-Length: 5,"),
                "list with an empty start": Wire.post("Content-Length: ,5"),
                "list with an empty middle": Wire.post("Content-Length: 5,,5"),
                "list and line": Wire.post("Content-Length: 5, 5", "Content-Length: 5"),
                "with semicolon": Wire.post("Content-Length: 5; 5"),
                "of a GET": Wire.get("Content-Length: 0", "Content-Length: 0"),
                "of a GET, different": Wire.get("Content-Length: 0", "Content-Length: 40"),
            ]
        )
        // What follows the first line is its own: RFC 9110 5.1.
        table.pass(
            "RFC 9110 5.1",
            as: .post(),
            [
                "another name": Wire.post("Content-Length: 5", "X-Content-Length: 6"),
                "an underscore": Wire.post("Content-Length: 5", "Content_Length: 6"),
                "a suffix": Wire.post("Content-Length: 5", "Content-Length-X: 6"),
            ]
        )
        return table
    }
}
