import Testing

@testable import InstanceMetadata

struct MetadataEnvironmentTests {
    @Test("without variables EC2's usual address is asked, and no ECS")
    func usual() {
        let environment = MetadataEnvironment([:])
        #expect(environment.ec2Endpoint == "http://169.254.169.254")
        #expect(environment.allowsVersion1)
        #expect(environment.ecsEndpoint == nil)
    }

    @Test("the mode chooses between the usual addresses, and an endpoint counts more", arguments: ["IPv6", "ipv6"])
    func mode(mode: String) {
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": mode]
        #expect(MetadataEnvironment(variables).ec2Endpoint == "http://[fd00:ec2::254]")
        let both = variables.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/"]) { $1 }
        #expect(MetadataEnvironment(both).ec2Endpoint == "http://127.0.0.1:1")
    }

    @Test("it can be forbidden to ask, or to ask without a token")
    func forbidden() {
        #expect(MetadataEnvironment(["AWS_EC2_METADATA_DISABLED": "true"]).ec2Endpoint == nil)
        #expect(MetadataEnvironment(["AWS_EC2_METADATA_DISABLED": "false"]).ec2Endpoint != nil)
        #expect(!MetadataEnvironment(["AWS_EC2_METADATA_V1_DISABLED": "TRUE"]).allowsVersion1)
    }

    @Test("a try takes a second, or what is given in seconds")
    func limit() {
        #expect(MetadataEnvironment([:]).limit == .seconds(1))
        #expect(MetadataEnvironment(["AWS_METADATA_SERVICE_TIMEOUT": "30"]).limit == .seconds(30))
        #expect(MetadataEnvironment(["AWS_METADATA_SERVICE_TIMEOUT": "0.5"]).limit == .milliseconds(500))
    }

    @Test("what is no time leaves a second", arguments: ["0", "-1", "soon", "nan", "inf", "1e99"])
    func noLimit(text: String) {
        #expect(MetadataEnvironment(["AWS_METADATA_SERVICE_TIMEOUT": text]).limit == .seconds(1))
    }

    @Test("an empty variable says nothing")
    func empty() {
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "", "ECS_CONTAINER_METADATA_URI_V4": ""]
        #expect(MetadataEnvironment(variables) == MetadataEnvironment([:]))
    }
}
