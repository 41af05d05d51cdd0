/// Why a model can't be served, found before anything is started.
enum ServeFailure: Error, CustomStringConvertible {
    case noServer
    case serverIsMissing(String)
    case serverIsNoProgram(String)
    case modelIsMissing(String)
    case modelIsFolder(String)
    case programIsMissing(model: String, String)
    case noPort

    var description: String {
        switch self {
        case .noServer:
            "there is no llama-server on the PATH: install llama.cpp (brew install llama.cpp, or a package from "
                + "https://github.com/ggml-org/llama.cpp/releases), or name the program by --llama-server"
        case .serverIsMissing(let path): "--llama-server \(path): no such file"
        case .serverIsNoProgram(let path): "--llama-server \(path): it can't be executed"
        case .modelIsMissing(let path): "the model \(path): no such file"
        case .modelIsFolder(let path): "the model \(path): it is a folder; name a GGUF file in it"
        case .programIsMissing(let model, let program):
            "the model \(model): there is no program \(program); see its command"
        case .noPort: "the system has no free port on 127.0.0.1 for llama-server"
        }
    }
}
