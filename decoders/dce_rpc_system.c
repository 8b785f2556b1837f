/* dce_rpc_system - interfaces of services, tasks, shares, registry and logs (MS-SCMR, MS-TSCH, MS-SRVS, MS-WKST,
 * MS-RRP, MS-EFSR, C706 …): operations in order of their numbers, - = none; named as Zeek names them. */
#include "decoders/dce_rpc.h"

const struct dce_interface dce_system[] = {
	{ "367abb81-9844-35f1-ad32-98f038001003", "svcctl",
	  "CloseServiceHandle ControlService DeleteService LockServiceDatabase QueryServiceObjectSecurity "
	  "SetServiceObjectSecurity QueryServiceStatus SetServiceStatus UnlockServiceDatabase "
	  "NotifyBootConfigStatus ScSetServiceBitsW ChangeServiceConfigW CreateServiceW EnumDependentServicesW "
	  "EnumServicesStatusW OpenSCManagerW OpenServiceW QueryServiceConfigW QueryServiceLockStatusW "
	  "StartServiceW GetServiceDisplayNameW GetServiceKeyNameW ScSetServiceBitsA ChangeServiceConfigA "
	  "CreateServiceA EnumDependentServicesA EnumServicesStatusA OpenSCManagerA OpenServiceA "
	  "QueryServiceConfigA QueryServiceLockStatusA StartServiceA GetServiceDisplayNameA GetServiceKeyNameA "
	  "ScGetCurrentGroupStateW EnumServiceGroupW ChangeServiceConfig2A ChangeServiceConfig2W "
	  "QueryServiceConfig2A QueryServiceConfig2W QueryServiceStatusEx EnumServicesStatusExA "
	  "EnumServicesStatusExW ScSendTSMessage CreateServiceWOW64A CreateServiceWOW64W ScQueryServiceTagInfo "
	  "NotifyServiceStatusChange GetNotifyResults CloseNotifyHandle ControlServiceExA ControlServiceExW "
	  "ScSendPnPMessage ScValidatePnPService ScOpenServiceStatusHandle ScQueryServiceConfig "
	  "QueryServiceConfigEx - - - CreateWowService - - - OpenSCManager2" },
	{ "1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc", "JobAdd JobDel JobEnum JobGetInfo" },
	{ "378e52b0-c0a9-11cf-822d-00aa0051e40f", "sasec",
	  "SASetAccountInformation SASetNSAccountInformation SAGetNSAccountInformation SAGetAccountInformation" },
	{ "86d35949-83c9-4044-b424-db363231fd0c", "ITaskSchedulerService",
	  "SchRpcHighestVersion SchRpcRegisterTask SchRpcRetrieveTask SchRpcCreateFolder SchRpcSetSecurity "
	  "SchRpcGetSecurity SchRpcEnumFolders SchRpcEnumTasks SchRpcEnumInstances SchRpcGetInstanceInfo "
	  "SchRpcStopInstance SchRpcStop SchRpcRun SchRpcDelete SchRpcRename SchRpcScheduledRuntimes "
	  "SchRpcGetLastRunInfo SchRpcGetTaskInfo SchRpcGetNumberOfMissedRuns SchRpcEnableTask" },
	{ "4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc",
	  "- - - - - - - - NetrConnectionEnum NetrFileEnum NetrFileGetInfo NetrFileClose NetrSessionEnum "
	  "NetrSessionDel NetrShareAdd NetrShareEnum NetrShareGetInfo NetrShareSetInfo NetrShareDel "
	  "NetrShareDelSticky NetrShareCheck NetrServerGetInfo NetrServerSetInfo NetrServerDiskEnum "
	  "NetrServerStatisticsGet NetrServerTransportAdd NetrServerTransportEnum NetrServerTransportDel "
	  "NetrRemoteTOD - NetprPathType NetprPathCanonicalize NetprPathCompare NetprNameValidate "
	  "NetprNameCanonicalize NetprNameCompare NetrShareEnumSticky NetrShareDelStart NetrShareDelCommit "
	  "NetrpGetFileSecurity NetrpSetFileSecurity NetrServerTransportAddEx - NetrDfsGetVersion "
	  "NetrDfsCreateLocalPartition NetrDfsDeleteLocalPartition NetrDfsSetLocalVolumeState - "
	  "NetrDfsCreateExitPoint NetrDfsDeleteExitPoint NetrDfsModifyPrefix NetrDfsFixLocalVolume "
	  "NetrDfsManagerReportSiteInfo NetrServerTransportDelEx NetrServerAliasAdd NetrServerAliasEnum "
	  "NetrServerAliasDel NetrShareDelEx" },
	{ "6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc",
	  "NetrWkstaGetInfo NetrWkstaSetInfo NetrWkstaUserEnum NetrWkstaUserGetInfo NetrWkstaUserSetInfo "
	  "NetrWkstaTransportEnum NetrWkstaTransportAdd NetrWkstaTransportDel NetrUseAdd NetrUseGetInfo "
	  "NetrUseDel NetrUseEnum NetrMessageBufferSend NetrWorkstationStatisticsGet NetrLogonDomainNameAdd "
	  "NetrLogonDomainNameDel NetrJoinDomain NetrUnjoinDomain NetrRenameMachineInDomain NetrValidateName "
	  "NetrGetJoinInformation NetrGetJoinableOus NetrJoinDomain2 NetrUnjoinDomain2 "
	  "NetrRenameMachineInDomain2 NetrValidateName2 NetrGetJoinableOUs2 NetrAddAlternateComputerName "
	  "NetrRemoveAlternateComputerName NetrSetPrimaryComputerName NetrEnumerateComputerNames" },
	{ "c681d488-d850-11d0-8c52-00c04fd90f7e", "efsrpc2",
	  "EfsRpcOpenFileRaw EfsRpcReadFileRaw EfsRpcWriteFileRaw EfsRpcCloseRaw EfsRpcEncryptFileSrv "
	  "EfsRpcDecryptFileSrv EfsRpcQueryUsersOnFile EfsRpcQueryRecoveryAgents EfsRpcRemoveUsersFromFile "
	  "EfsRpcAddUsersToFile EfsRpcSetFileEncryptionKey EfsRpcNotSupported EfsRpcFileKeyInfo "
	  "EfsRpcDuplicateEncryptionInfoFile - EfsRpcAddUsersToFileEx EfsRpcFileKeyInfoEx - "
	  "EfsRpcGetEncryptedFileMetadata EfsRpcSetEncryptedFileMetadata EfsRpcFlushEfsCache "
	  "EfsRpcEncryptFileExSrv EfsRpcQueryProtectors" },
	{ "df1941c5-fe89-4e79-bf10-463657acf44d", "efsrpc",
	  "EfsRpcOpenFileRaw EfsRpcReadFileRaw EfsRpcWriteFileRaw EfsRpcCloseRaw EfsRpcEncryptFileSrv "
	  "EfsRpcDecryptFileSrv EfsRpcQueryUsersOnFile EfsRpcQueryRecoveryAgents EfsRpcRemoveUsersFromFile "
	  "EfsRpcAddUsersToFile EfsRpcSetFileEncryptionKey EfsRpcNotSupported EfsRpcFileKeyInfo "
	  "EfsRpcDuplicateEncryptionInfoFile - EfsRpcAddUsersToFileEx EfsRpcFileKeyInfoEx - "
	  "EfsRpcGetEncryptedFileMetadata EfsRpcSetEncryptedFileMetadata EfsRpcFlushEfsCache "
	  "EfsRpcEncryptFileExSrv EfsRpcQueryProtectors" },
	{ "338cd001-2244-31f1-aaaa-900038001003", "winreg",
	  "OpenClassesRoot OpenCurrentUser OpenLocalMachine OpenPerformanceData OpenUsers BaseRegCloseKey "
	  "BaseRegCreateKey BaseRegDeleteKey BaseRegDeleteValue BaseRegEnumKey BaseRegEnumValue BaseRegFlushKey "
	  "BaseRegGetKeySecurity BaseRegLoadKey - BaseRegOpenKey BaseRegQueryInfoKey BaseRegQueryValue "
	  "BaseRegReplaceKey BaseRegRestoreKey BaseRegSaveKey BaseRegSetKeySecurity BaseRegSetValue "
	  "BaseRegUnLoadKey - - BaseRegGetVersion OpenCurrentConfig - BaseRegQueryMultipleValues - "
	  "BaseRegSaveKeyEx OpenPerformanceText OpenPerformanceNlsText BaseRegQueryMultipleValues2 "
	  "BaseRegDeleteKeyEx" },
	{ "e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epmapper",
	  "ept_insert ept_delete ept_lookup ept_map ept_lookup_handle_free ept_inq_object ept_mgmt_delete" },
	{ "afa8bd80-7d8a-11c9-bef4-08002b102989", "mgmt",
	  "inq_if_ids inq_stats is_server_listening stop_server_listening inq_princ_name" },
	{ "12b81e99-f207-4a4c-85d3-77b42f76fd14", "ISecLogon",
	  "SeclCreateProcessWithLogonW SeclCreateProcessWithLogonExW" },
	{ "894de0c0-0d55-11d3-a322-00c04fa321a1", "InitShutdown",
	  "BaseInitiateShutdown BaseAbortShutdown BaseInitiateShutdownEx" },
	{ "d95afe70-a6d5-4259-822e-2c84da1ddb0d", "WindowsShutdown", "WsdrInitiateShutdown WsdrAbortShutdown" },
	{ "82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog",
	  "ElfrClearELFW ElfrBackupELFW ElfrCloseEL ElfrDeregisterEventSource ElfrNumberOfRecords "
	  "ElfrOldestRecord ElfrChangeNotify ElfrOpenELW ElfrRegisterEventSourceW ElfrOpenBELW ElfrReadELW "
	  "ElfrReportEventW ElfrClearELFA ElfrBackupELFA ElfrOpenELA ElfrRegisterEventSourceA ElfrOpenBELA "
	  "ElfrReadELA ElfrReportEventA - - - ElfrGetLogInformation - ElfrReportEventAndSourceW "
	  "ElfrReportEventExW ElfrReportEventExA" },
	{ "f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "IEventService",
	  "EvtRpcRegisterRemoteSubscription EvtRpcRemoteSubscriptionNextAsync EvtRpcRemoteSubscriptionNext "
	  "EvtRpcRemoteSubscriptionWaitAsync EvtRpcRegisterControllableOperation EvtRpcRegisterLogQuery "
	  "EvtRpcClearLog EvtRpcExportLog EvtRpcLocalizeExportLog EvtRpcMessageRender "
	  "EvtRpcMessageRenderDefault EvtRpcQueryNext EvtRpcQuerySeek EvtRpcClose EvtRpcCancel "
	  "EvtRpcAssertConfig EvtRpcRetractConfig EvtRpcOpenLogHandle EvtRpcGetLogFileInfo EvtRpcGetChannelList "
	  "EvtRpcGetChannelConfig EvtRpcPutChannelConfig EvtRpcGetPublisherList "
	  "EvtRpcGetPublisherListForChannel EvtRpcGetPublisherMetadata EvtRpcGetPublisherResourceMetadata "
	  "EvtRpcGetEventMetadataEnum EvtRpcGetNextEventMetadata EvtRpcGetClassicLogDisplayName" },
	{ "4fc742e0-4a10-11cf-8273-00aa004ae673", "netdfs",
	  "NetrDfsManagerGetVersion NetrDfsAdd NetrDfsRemove NetrDfsSetInfo NetrDfsGetInfo NetrDfsEnum "
	  "NetrDfsMove NetrDfsRename NetrDfsManagerGetConfigInfo NetrDfsManagerSendSiteInfo NetrDfsAddFtRoot "
	  "NetrDfsRemoveFtRoot NetrDfsAddStdRoot NetrDfsRemoveStdRoot NetrDfsManagerInitialize "
	  "NetrDfsAddStdRootForced NetrDfsGetDcAddress NetrDfsSetDcAddress NetrDfsFlushFtTable NetrDfsAdd2 "
	  "NetrDfsRemove2 NetrDfsEnumEx NetrDfsSetInfo2 NetrDfsAddRootTarget NetrDfsRemoveRootTarget "
	  "NetrDfsGetSupportedNamespaceVersion" },
	{ "a8e0653c-2744-4389-a61d-7373df8b2292", "FileServerVssAgent",
	  "GetSupportedVersion SetContext StartShadowCopySet AddToShadowCopySet CommitShadowCopySet "
	  "ExposeShadowCopySet RecoveryCompleteShadowCopySet AbortShadowCopySet IsPathSupported "
	  "IsPathShadowCopied GetShareMapping DeleteShareMapping PrepareShadowCopySet" },
	{ "300f3532-38cc-11d0-a3f0-0020af6b0add", "trkwks",
	  "LnkMendLink_Old LnkSearchMachine_Old LnkCallSvrMessage_Old LnkSetVolumeId "
	  "LnkRestartDcSynchronization GetVolumeTrackingInformation GetFileTrackingInformation "
	  "TriggerVolumeClaims LnkOnRestore LnkMendLink - - LnkSearchMachine" },
	{ "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", "messenger", "NetrSendMessage" },
	{ "17fdd703-1827-4e34-79d4-24a55c53bb37", "msgsvc",
	  "NetrMessageNameAdd NetrMessageNameEnum NetrMessageNameGetInfo NetrMessageNameDel" },
	{ "8fb6d884-2388-11d0-8c35-00c04fda2795", "W32Time",
	  "W32TimeSync W32TimeGetNetlogonServiceBits W32TimeQueryProviderStatus W32TimeQuerySource "
	  "W32TimeQueryProviderConfiguration W32TimeQueryConfiguration W32TimeQueryStatus W32TimeLog" },
	{ "6bffd098-a112-3610-9833-012892020162", "browser",
	  "BrowserrServerEnum BrowserrDebugCall BrowserrQueryOtherDomains BrowserrResetNetlogonState "
	  "BrowserrDebugTrace BrowserrQueryStatistics BrowserResetStatistics NetrBrowserStatisticsClear "
	  "NetrBrowserStatisticsGet BrowserrSetNetlogonState BrowserrQueryEmulatedDomains BrowserrServerEnumEx" },
	{ "6b5bdd1e-528c-422c-af8c-a4079be4fe48", "RemoteFW",
	  "FWOpenPolicyStore FWClosePolicyStore FWRestoreDefaults FWGetGlobalConfig FWSetGlobalConfig "
	  "FWAddFirewallRule FWSetFirewallRule FWDeleteFirewallRule FWDeleteAllFirewallRules "
	  "FWEnumFirewallRules FWGetConfig FWSetConfig" },
	{ "6bffd098-a112-3610-9833-46c3f874532d", "dhcpsrv",
	  "R_DhcpCreateSubnet R_DhcpSetSubnetInfo R_DhcpGetSubnetInfo R_DhcpEnumSubnets R_DhcpAddSubnetElement "
	  "R_DhcpEnumSubnetElements R_DhcpRemoveSubnetElement R_DhcpDeleteSubnet R_DhcpCreateOption "
	  "R_DhcpSetOptionInfo R_DhcpGetOptionInfo R_DhcpRemoveOption R_DhcpSetOptionValue R_DhcpGetOptionValue "
	  "R_DhcpEnumOptionValues R_DhcpRemoveOptionValue R_DhcpCreateClientInfo R_DhcpSetClientInfo "
	  "R_DhcpGetClientInfo R_DhcpDeleteClientInfo R_DhcpEnumSubnetClients R_DhcpGetClientOptions "
	  "R_DhcpGetMibInfo R_DhcpEnumOptions R_DhcpSetOptionValues R_DhcpServerSetConfig R_DhcpServerGetConfig "
	  "R_DhcpScanDatabase R_DhcpGetVersion" },
	{ NULL, NULL, NULL }
};
