/* dce_rpc_directory - interfaces of accounts, domains and directories (MS-SAMR, MS-LSAD, MS-LSAT, MS-NRPC, MS-DRSR,
 * MS-DSSP …): operations in order of their numbers, - = none; named as Zeek names them. */
#include "decoders/dce_rpc.h"

const struct dce_interface dce_directory[] = {
	{ "12345778-1234-abcd-ef00-0123456789ac", "samr",
	  "SamrConnect SamrCloseHandle SamrSetSecurityObject SamrQuerySecurityObject - "
	  "SamrLookupDomainInSamServer SamrEnumerateDomainsInSamServer SamrOpenDomain "
	  "SamrQueryInformationDomain SamrSetInformationDomain SamrCreateGroupInDomain "
	  "SamrEnumerateGroupsInDomain SamrCreateUserInDomain SamrEnumerateUsersInDomain "
	  "SamrCreateAliasInDomain SamrEnumerateAliasesInDomain SamrGetAliasMembership SamrLookupNamesInDomain "
	  "SamrLookupIdsInDomain SamrOpenGroup SamrQueryInformationGroup SamrSetInformationGroup "
	  "SamrAddMemberToGroup SamrDeleteGroup SamrRemoveMemberFromGroup SamrGetMembersInGroup "
	  "SamrSetMemberAttributesOfGroup SamrOpenAlias SamrQueryInformationAlias SamrSetInformationAlias "
	  "SamrDeleteAlias SamrAddMemberToAlias SamrRemoveMemberFromAlias SamrGetMembersInAlias SamrOpenUser "
	  "SamrDeleteUser SamrQueryInformationUser SamrSetInformationUser SamrChangePasswordUser "
	  "SamrGetGroupsForUser SamrQueryDisplayInformation SamrGetDisplayEnumerationIndex - - "
	  "SamrGetUserDomainPasswordInformation SamrRemoveMemberFromForeignDomain SamrQueryInformationDomain2 "
	  "SamrQueryInformationUser2 SamrQueryDisplayInformation2 SamrGetDisplayEnumerationIndex2 "
	  "SamrCreateUser2InDomain SamrQueryDisplayInformation3 SamrAddMultipleMembersToAlias "
	  "SamrRemoveMultipleMembersFromAlias SamrOemChangePasswordUser2 SamrUnicodeChangePasswordUser2 "
	  "SamrGetDomainPasswordInformation SamrConnect2 SamrSetInformationUser2 - - - SamrConnect4 - "
	  "SamrConnect5 SamrRidToSid SamrSetDSRMPassword SamrValidatePassword" },
	{ "12345778-1234-abcd-ef00-0123456789ab", "lsarpc",
	  "LsarClose LsarDelete LsarEnumeratePrivileges LsarQuerySecurityObject LsarSetSecurityObject "
	  "LsarChangePassword LsarOpenPolicy LsarQueryInformationPolicy LsarSetInformationPolicy "
	  "LsarClearAuditLog LsarCreateAccount LsarEnumerateAccounts - LsarEnumerateTrustedDomains "
	  "LsarLookupNames LsarLookupSids LsarCreateSecret LsarOpenAccount LsarEnumeratePrivilegesAccount "
	  "LsarAddPrivilegesToAccount LsarRemovePrivilegesFromAccount - - LsarGetSystemAccessAccount "
	  "LsarSetSystemAccessAccount - - - LsarOpenSecret LsarSetSecret LsarQuerySecret "
	  "LsarLookupPrivilegeValue LsarLookupPrivilegeName LsarLookupPrivilegeDisplayName LsarDeleteObject "
	  "LsarEnumerateAccountsWithUserRight LsarEnumerateAccountRights LsarAddAccountRights "
	  "LsarRemoveAccountRights - - - LsarStorePrivateData LsarRetrievePrivateData LsarOpenPolicy2 "
	  "LsarGetUserName LsarQueryInformationPolicy2 LsarSetInformationPolicy2 - - "
	  "LsarEnumerateTrustedDomainsEx - - LsarQueryDomainInformationPolicy - - - LsarLookupSids2 "
	  "LsarLookupNames2 - - - - - - - - - LsarLookupNames3 - - - - LsarQueryForestTrustInformation - - "
	  "LsarLookupSids3 LsarLookupNames4" },
	{ "e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi",
	  "DRSBind DRSUnbind DRSReplicaSync DRSGetNCChanges DRSUpdateRefs DRSReplicaAdd DRSReplicaDel "
	  "DRSReplicaModify DRSVerifyNames DRSGetMemberships DRSInterDomainMove DRSGetNT4ChangeLog "
	  "DRSCrackNames DRSWriteSPN DRSRemoveDsServer DRSRemoveDsDomain DRSDomainControllerInfo DRSAddEntry "
	  "DRSExecuteKCC DRSGetReplInfo DRSAddSidHistory DRSGetMemberships2 DRSReplicaVerifyObjects "
	  "DRSGetObjectExistence DRSQuerySitesByCost DRSInitDemotion DRSReplicaDemotion DRSFinishDemotion "
	  "DRSAddCloneDC DRSWriteNgcKey DRSReadNgcKey" },
	{ "7c44d7d4-31d5-424c-bd5e-2b3e1f323d22", "dsaop", "DSAPrepareScript DSAExecuteScript" },
	{ "12345678-1234-abcd-ef00-01234567cffb", "netlogon",
	  "NetrLogonUasLogon NetrLogonUasLogoff NetrLogonSamLogon NetrLogonSamLogoff NetrServerReqChallenge "
	  "NetrServerAuthenticate NetrServerPasswordSet NetrDatabaseDeltas NetrDatabaseSync NetrAccountDeltas "
	  "NetrAccountSync NetrGetDCName NetrLogonControl NetrGetAnyDCName NetrLogonControl2 "
	  "NetrServerAuthenticate2 NetrDatabaseSync2 NetrDatabaseRedo NetrLogonControl2Ex "
	  "NetrEnumerateTrustedDomains DsrGetDcName NetrLogonGetCapabilities NetrLogonSetServiceBits "
	  "NetrLogonGetTrustRid NetrLogonComputeServerDigest NetrLogonComputeClientDigest "
	  "NetrServerAuthenticate3 DsrGetDcNameEx DsrGetSiteName NetrLogonGetDomainInfo NetrServerPasswordSet2 "
	  "NetrServerPasswordGet NetrLogonSendToSam DsrAddressToSiteNamesW DsrGetDcNameEx2 "
	  "NetrLogonGetTimeServiceParentDomain NetrEnumerateTrustedDomainsEx DsrAddressToSiteNamesExW "
	  "DsrGetDcSiteCoverageW NetrLogonSamLogonEx DsrEnumerateDomainTrusts DsrDeregisterDnsHostRecords "
	  "NetrServerTrustPasswordsGet DsrGetForestTrustInformation NetrGetForestTrustInformation "
	  "NetrLogonSamLogonWithFlags NetrServerGetTrustInfo - DsrUpdateReadOnlyServerDnsRecords "
	  "NetrChainSetClientAttributes" },
	{ "3919286a-b10c-11d0-9ba8-00c04fd92ef5", "dssetup",
	  "DsRolerGetPrimaryDomainInformation DsRolerDnsNameToFlatName DsRolerDcAsDc DsRolerDcAsReplica "
	  "DsRolerDemoteDc DsRolerGetDcOperationProgress DsRolerGetDcOperationResults DsRolerCancel "
	  "DsRolerServerSaveStateForUpgrade DsRolerUpgradeDownlevelServer DsRolerAbortDownlevelServerUpgrade" },
	{ "50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver",
	  "DnssrvOperation DnssrvQuery DnssrvComplexOperation DnssrvEnumRecords DnssrvUpdateRecord "
	  "DnssrvOperation2 DnssrvQuery2 DnssrvComplexOperation2 DnssrvEnumRecords2 DnssrvUpdateRecord2" },
	{ "3dde7c30-165d-11d1-ab8f-00805f14db40", "BackupKey", "bkrp_BackupKey" },
	{ "91ae6020-9e3c-11cf-8d7c-00aa00c091be", "ICertPassage", "CertServerRequest" },
	{ "f5cc5a18-4264-101a-8c59-08002b2f8426", "nspi",
	  "NspiBind NspiUnbind NspiUpdateStat NspiQueryRows NspiSeekEntries - - NspiDNToMId NspiGetPropList "
	  "NspiGetProps NspiCompareMIds - NspiGetSpecialTable NspiGetTemplateInfo NspiModLinkAtt - "
	  "NspiQueryColumns NspiGetNamesFromIDs NspiGetIDsFromNames NspiResolveNames NspiResolveNamesW" },
	{ NULL, NULL, NULL }
};
