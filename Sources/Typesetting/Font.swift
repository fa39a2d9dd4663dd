internal import MediaCore
