import Benchmark
import HTTPFraming
import LlamaServer

func framing() {
    Benchmark("head of a request, 9 fields") { benchmark in
        let bytes = Array(
            """
            POST /v1/chat/completions HTTP/1.1\r
            Host: api.example\r
            User-Agent: OpenAI/Python 1.99.0\r
            Accept: application/json\r
            Accept-Encoding: gzip, deflate\r
            Content-Type: application/json\r
            Authorization: Bearer sk-0123456789abcdef\r
            X-Stainless-Lang: python\r
            X-Stainless-Os: Linux\r
            Content-Length: 2000\r
            \r

            """.utf8
        )
        var head = RequestHead()
        for _ in benchmark.scaledIterations {
            let isComplete = try head.parse(bytes.span)
            blackHole(isComplete)
            head.reset()
        }
    }

    Benchmark("head of an answer, 5 fields") { benchmark in
        let bytes = Array(
            """
            HTTP/1.1 200 OK\r
            Server: llama.cpp\r
            Access-Control-Allow-Origin: *\r
            Content-Type: application/json; charset=utf-8\r
            Content-Length: 1000\r
            Keep-Alive: timeout=5, max=100\r
            \r

            """.utf8
        )
        var head = ResponseHead()
        for _ in benchmark.scaledIterations {
            let isComplete = try head.parse(bytes.span, answering: .post)
            blackHole(isComplete)
            head.reset()
        }
    }

    Benchmark("chunk of 200 bytes") { benchmark in
        let bytes = Array("c8\r\n".utf8) + [UInt8](repeating: 0x78, count: 200) + Array("\r\n".utf8)
        var framer = BodyFramer(.chunked)
        for _ in benchmark.scaledIterations {
            let (count, _) = try framer.advance(bytes.span)
            blackHole(count)
        }
    }

    Benchmark("kind of an endpoint") { benchmark in
        let path = Array("/v1/chat/completions".utf8)
        for _ in benchmark.scaledIterations {
            blackHole(Endpoint.classify(isPost: true, path: path.span))
        }
    }
}
